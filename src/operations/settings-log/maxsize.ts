import { formatSizeExact, parseSize } from '../../domain/data-units.js';
import { AnnexError } from '../../domain/errors.js';
import { maxsizeLog, maxsizePath } from '../../domain/logs/maxsize-log.js';
import type { Uuid } from '../../domain/uuid.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import type { AnnexBranch } from '../../repository/branch/annex-branch.js';
import type { OperationContext, Outcome } from '../context.js';
import type { KnownRepositories } from '../repositories/known-repositories.js';
import { logClock } from './log-clock.js';
import { type Recorder, recordState } from './record-state.js';

/** The bytes each repository may hold; 0 or missing: no limit. */
export async function readMaxSizes(branch: AnnexBranch): Promise<Map<Uuid, number>> {
  const log = maxsizeLog.parse(await branch.read(maxsizePath));
  return new Map([...log].map(([uuid, { value }]) => [uuid as ByteString as Uuid, value]));
}

/** `maxsize REPOSITORY`: how much it may hold, an empty line where that was never said. */
export async function showMaxSize(
  { branch }: Recorder,
  known: KnownRepositories,
  name: ByteString,
  { inBytes }: { readonly inBytes: boolean },
  { emit }: OperationContext,
): Promise<Outcome> {
  const bytes = (await readMaxSizes(branch)).get(known.named(name));
  const text = bytes === undefined ? '' : inBytes ? String(bytes) : formatSizeExact(bytes);
  emit({ type: 'output', bytes: `${text}\n` as ByteString });
  const fields = { command: 'maxsize', input: [name], maxsize: bytes ?? null };
  emit({ type: 'record', fields: { ...fields, 'error-messages': [], success: true } });
  return { failed: 0, stoppedByLimit: false };
}

/** `maxsize REPOSITORY SIZE` */
export async function setMaxSize(
  repository: Recorder,
  known: KnownRepositories,
  [name, size]: readonly [ByteString, ByteString],
  { emit }: OperationContext,
): Promise<Outcome> {
  const uuid = known.named(name);
  const action = { command: 'maxsize', subject: name, input: [name, size] };
  emit({ type: 'start', action });
  const bytes = parseSize(toText(size));
  if (bytes !== undefined) await writeMaxSize(repository.branch, uuid, bytes);
  const errors = bytes === undefined ? ['git-annex: Unable to parse size.'] : [];
  emit({ type: 'end', action, success: bytes !== undefined, errors });
  await recordState(repository, emit);
  return { failed: errors.length, stoppedByLimit: false };
}

/** The `maxsize` command line has at most a repository and a size. */
export function assertMaxSizeOperands(operands: readonly ByteString[]): void {
  if (operands.length > 2) throw new AnnexError('usage', 'Too many parameters');
}

async function writeMaxSize(branch: AnnexBranch, uuid: Uuid, bytes: number): Promise<void> {
  await branch.change([
    {
      path: maxsizePath,
      about: uuid,
      change: (content) => maxsizeLog.set(content, uuid, bytes, logClock()),
    },
  ]);
}
