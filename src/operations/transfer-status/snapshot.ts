import { statSync } from 'node:fs';
import { type Key, keyFileName, keySize } from '../../domain/key.js';
import type { Uuid } from '../../domain/uuid.js';
import { toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import { type ProgramKind, programKind, servesOthers } from '../../planning/program-kind.js';
import { type KernelLocks, readKernelLocks } from '../../repository/locks/kernel-locks.js';
import { commandOf, positionIn } from '../../repository/locks/processes.js';
import type { Repository } from '../../repository/repository.js';
import { type FailedTransfer, readFailedTransfers } from '../../repository/transfers/failed-transfers.js';
import { type FoundTransfer, readTransfers } from '../../repository/transfers/read-transfers.js';
import { openSteering, type PauseScope } from '../../repository/transfers/steering.js';
import { openTransferNotes } from '../../repository/transfers/transfer-notes.js';
import { backOffRules } from '../background-sync/back-off-rules.js';
import { openFailureStore } from '../background-sync/failure-store.js';
import { type LockWaiter, lockWaiters } from './lock-waiters.js';

/** A transfer that a process is at. */
export interface RunningTransfer {
  readonly direction: 'download' | 'upload';
  readonly key: Key;
  readonly uuid: Uuid;
  readonly file: ByteString | undefined;
  readonly pid: number | undefined;
  readonly program: ProgramKind;
  readonly command: readonly string[];
  /** Whether it is another's wish that a server here follows. */
  readonly serving: boolean;
  /** Milliseconds since 1970. */
  readonly started: number | undefined;
  readonly bytes: number | undefined;
  readonly total: number | undefined;
  /** Bytes a second. */
  readonly speed: number | undefined;
}

export interface FailedView extends FailedTransfer {
  /** Milliseconds until unattended runs try it again; 0: the next one does. */
  readonly retryIn: number;
}

/** What is moving, what failed, and what is in the way, at one moment. */
export interface Snapshot {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly running: readonly RunningTransfer[];
  readonly failed: readonly FailedView[];
  readonly pauses: readonly PauseScope[];
  readonly waiting: readonly LockWaiter[];
  /** Left from processes that were killed. */
  readonly stale: readonly FoundTransfer[];
}

/** More failures than anybody reads are counted, not listed; a hostile repository costs no more. */
const MOST_FAILED = 10_000;

type Place = Pick<Repository, 'annexDir' | 'settings' | 'objects'>;

/** Looks at the transfers of a repository without disturbing them. `before`: the last look, which tells the speed since. */
export function takeSnapshot(repository: Place, before?: Snapshot, now: number = Date.now()): Snapshot {
  const { annexDir, settings } = repository;
  const locks = readKernelLocks();
  const running: RunningTransfer[] = [];
  const stale: FoundTransfer[] = [];
  for (const found of readTransfers(annexDir, locks)) {
    if (!found.live) stale.push(found);
    else running.push(withSpeed(runningTransfer(repository, found), before, now));
  }
  return {
    time: now,
    running,
    failed: failedTransfers(annexDir, settings),
    pauses: openSteering(annexDir).pauses(),
    waiting: waitersOf(annexDir, locks),
    stale,
  };
}

interface Measured extends RunningTransfer {
  /** Bytes that were there when it began; undefined: not known. */
  readonly resumedAt: number | undefined;
}

function runningTransfer({ annexDir, objects }: Place, found: FoundTransfer): Measured {
  const { direction, key, uuid, info } = found;
  // An open file description lock tells no process: then it is one of ours, which left a note.
  const note = found.pid === undefined ? openTransferNotes(annexDir).read(found) : undefined;
  const pid = found.pid ?? note?.pid;
  const command = pid === undefined ? [] : commandOf(pid);
  const partial = direction === 'download' ? partialContent(annexDir, key) : undefined;
  // Also where git-annex files what it sends to a local repository as a download.
  const object = note === undefined && partial === undefined ? objects.locate(key) : undefined;
  const read = object === undefined || pid === undefined ? undefined : positionIn(pid, object);
  const started = note?.started ?? info?.started;
  const fresh = partial !== undefined && started !== undefined && partial.made >= started - 1000;
  return {
    direction,
    key,
    uuid,
    file: info?.file,
    pid,
    program: note === undefined ? programKind(command) : 'ours',
    command,
    serving: servesOthers(command),
    started,
    bytes: note?.bytes ?? partial?.size ?? read ?? info?.bytes,
    total: keySize(key),
    speed: undefined,
    resumedAt: note?.resumedAt ?? (fresh ? 0 : undefined),
  };
}

/** Since the last look, or else since the beginning. */
function withSpeed(
  { resumedAt, ...transfer }: Measured,
  before: Snapshot | undefined,
  now: number,
): RunningTransfer {
  const { bytes, started } = transfer;
  const earlier = before?.running.find((one) => isSame(one, transfer));
  const span = earlier?.bytes === undefined ? undefined : now - (before?.time ?? now);
  if (bytes === undefined) return transfer;
  if (earlier?.bytes !== undefined && span !== undefined && span >= 500) {
    const current = (Math.max(0, bytes - earlier.bytes) * 1000) / span;
    // Progress is told in steps: one look without any is no standstill.
    const speed = earlier.speed === undefined ? current : 0.7 * earlier.speed + 0.3 * current;
    return { ...transfer, speed };
  }
  if (resumedAt === undefined || started === undefined || now - started < 100) return transfer;
  return { ...transfer, speed: (Math.max(0, bytes - resumedAt) * 1000) / (now - started) };
}

export function isSame(a: RunningTransfer, b: RunningTransfer): boolean {
  return a.key === b.key && a.uuid === b.uuid && a.direction === b.direction && a.started === b.started;
}

/** What has arrived in `.git/annex/tmp`. */
function partialContent(annexDir: ByteString, key: Key): { size: number; made: number } | undefined {
  const stats = statSync(toPath(`${annexDir}/tmp/${keyFileName(key)}` as ByteString), {
    throwIfNoEntry: false,
  });
  return stats && { size: stats.size, made: stats.birthtimeMs };
}

function failedTransfers(annexDir: ByteString, settings: Repository['settings']): FailedView[] {
  const store = openFailureStore(annexDir, 'transfers');
  const rules = backOffRules(settings);
  const left = new Map<Uuid, number>();
  const failed: FailedView[] = [];
  for (const transfer of readFailedTransfers(annexDir)) {
    if (failed.length === MOST_FAILED) break;
    const { uuid } = transfer;
    if (!left.has(uuid)) left.set(uuid, rules.left(store.get(uuid)?.backOff));
    failed.push({ ...transfer, retryIn: left.get(uuid) ?? 0 });
  }
  return failed;
}

function waitersOf(annexDir: ByteString, locks: KernelLocks | undefined): LockWaiter[] {
  return locks === undefined ? [] : lockWaiters(annexDir, locks);
}
