import { activityLog } from '../../domain/logs/activity-log.js';
import { AnnexError } from '../../domain/errors.js';
import type { Key } from '../../domain/key.js';
import type { Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import { concurrently } from '../../lib/concurrently.js';
import { inBatches } from '../../lib/in-batches.js';
import { createLogClock } from '../../repository/branch/log-clock.js';
import type { Outcome } from '../context.js';
import type { Selection } from '../select/select.js';
import { recordState } from '../settings-log/record-state.js';
import type { Session } from '../transfer/session.js';
import { type LoggedItem, withLogs } from '../transfer/with-logs.js';
import { createBackendGate } from './backend-gate.js';
import { nameOf, startCheck } from './check.js';
import { type Checker, createLocalChecker } from './check-here.js';
import { createRemoteChecker } from './check-remote.js';
import { createExpectations, type Expectations } from './expectations.js';
import { createLocationFixes } from './location-fixes.js';
import { type Incremental, openPass, type Pass } from './pass.js';

export interface FsckRequest {
  /** Checks what that remote has; undefined: this repository. */
  readonly from?: ByteString | undefined;
  /** Hashes nothing; of a remote only presence is asked. */
  readonly fast: boolean;
  readonly incremental?: Incremental | undefined;
  /** The current directory, absolute. */
  readonly cwd: ByteString;
}

interface Task {
  readonly item: LoggedItem;
  readonly expected: Expectations;
}

/** Items whose expectations are looked up together. */
const TOGETHER = { items: 256, linger: 20 };

/** Checks contents and what is recorded of them, mends what it can, and records that it was done. */
export async function fsck(session: Session, selection: Selection, request: FsckRequest): Promise<Outcome> {
  const { here, context, policy } = session;
  const remote = request.from === undefined ? undefined : session.remote(request.from);
  const checked = remote?.uuid ?? here.uuid;
  if (policy.trust(checked) === 'dead') {
    const text = 'Warning: Fscking a repository that is currently marked as dead.';
    context.emit({ type: 'warning', text });
  }
  const { incremental } = request;
  const fixes = createLocationFixes(here.branch, checked);
  const checker =
    remote === undefined
      ? createLocalChecker(session, fixes, request)
      : createRemoteChecker(session, remote, fixes, request);
  await recordState(here, context.emit);
  const pass = await openPass({ here, checked, incremental, signal: context.signal });
  let failed = 0;
  try {
    const checkOne = createWork(session, checker, pass, fixes);
    for await (const ok of run(session, tasks(session, selection, pass, checker), checkOne))
      if (!ok) failed++;
  } finally {
    try {
      await checker.end();
      await fixes.flush();
    } finally {
      pass.end();
    }
  }
  await recordActivity(session, checked);
  return { failed: failed + (selection.unknown > 0 ? 1 : 0), stoppedByLimit: session.limits.reached };
}

/** One after the other, or several at once. */
async function* run(
  session: Session,
  work: AsyncIterable<Task>,
  checkOne: (task: Task) => Promise<boolean>,
): AsyncGenerator<boolean> {
  const { jobs } = session.context;
  if (jobs > 1) return yield* concurrently(work, jobs, oneAtATimePerKey(checkOne));
  for await (const task of work) yield await checkOne(task);
}

async function* tasks(
  session: Session,
  selection: Selection,
  pass: Pass,
  checker: Checker,
): AsyncGenerator<Task> {
  const expectations = await createExpectations(session);
  const items = withLogs(session.here.branch, selection.items, selection.interactive);
  for await (const batch of inBatches(items, TOGETHER)) {
    const expected = await expectations(batch);
    await checker.prepare?.(batch.filter(({ key }) => pass.wants(key)));
    for (const [i, item] of batch.entries()) {
      session.context.signal.throwIfAborted();
      if (!session.limits.timeLeft()) return;
      if (pass.wants(item.key)) yield { item, expected: expected[i] as Expectations };
    }
  }
}

type Fixes = ReturnType<typeof createLocationFixes>;

function createWork(
  { context, here }: Session,
  checker: Checker,
  pass: Pass,
  fixes: Fixes,
): (task: Task) => Promise<boolean> {
  const gate = createBackendGate(context.emit);
  const quotePath = here.settings.bool('core.quotepath', true);
  return async ({ item, expected }) => {
    if (!(await gate.admits(item.key, nameOf(item)))) return true;
    const check = startCheck(item, context.emit, quotePath);
    fixes.apply(check);
    try {
      await checker.check(check, expected);
    } catch (error) {
      if (context.signal.aborted || !isOfOneFile(error)) throw error;
      check.problem((error as Error).message);
    }
    await fixes.checkpoint();
    const ok = check.end();
    if (ok) pass.passed(item.key);
    return ok;
  };
}

/** An unreadable file, a bad sector, a content that is dropped meanwhile: the other files can still be checked. */
function isOfOneFile(error: unknown): boolean {
  return error instanceof AnnexError || (error as NodeJS.ErrnoException).code !== undefined;
}

/** Several files may have the same content. */
function oneAtATimePerKey(work: (task: Task) => Promise<boolean>): (task: Task) => Promise<boolean> {
  const busy = new Map<Key, Promise<boolean>>();
  return async (task) => {
    const { key } = task.item;
    while (busy.has(key)) await busy.get(key)?.catch(() => false);
    const working = work(task);
    busy.set(key, working);
    return working.finally(() => busy.delete(key));
  };
}

/** For `git annex expire` and `info`. */
async function recordActivity({ here }: Session, uuid: Uuid): Promise<void> {
  const now = createLogClock().now();
  const change = (content: ByteString) => activityLog.set(content, uuid, 'Fsck' as ByteString, now);
  await here.branch.change([{ path: activityLog.path, change, about: uuid }]);
}
