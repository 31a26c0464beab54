import type { Key } from '../../domain/key.js';
import type { Uuid } from '../../domain/uuid.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import { openSession, type Session, type SessionOptions } from '../transfer/session.js';
import type { SyncRemote } from './choose-remotes.js';
import { eachBatch } from './content-batches.js';
import { type ContentChanges, contentChanges, contentState } from './content-changes.js';
import { passBatch } from './content-pass.js';
import { type ContentScene, setScene } from './content-scene.js';
import { guardDrops } from './guard-drops.js';
import { type EndedPass, recordSettled } from './content-settled.js';
import { type ContentTotals, createHands, type Work } from './content-transfer.js';
import type { SyncRun } from './sync-run.js';

export interface PassOutcome {
  readonly failed: number;
  /** Whether content was got or sent, or that was tried. */
  readonly transferred: boolean;
  /** Whether anything was recorded here or in remotes. */
  readonly changed: boolean;
}

/** The content part of a sync. */
export interface ContentSync {
  /**
   * Brings the content of this repository and of some remotes in step.
   * @param last whether no further remotes will come: only then content is dropped from here, when all have got theirs
   */
  pass(remotes: readonly SyncRemote[], last: boolean): Promise<PassOutcome>;
  /** Whether something waits for a remote with which transfers are paused or have stalled. */
  readonly waiting: boolean;
  /** Does what waits, as soon as transfers are resumed. */
  passAgain(): Promise<PassOutcome>;
  /** Records that nothing is left to do with the repositories whose passes went well. */
  finish(): Promise<void>;
  readonly totals: ContentTotals;
  /** Whether a limit of the user's (`--time-limit`, `--size-limit`) has ended a pass. */
  readonly limited: boolean;
}

export function createContentSync(
  run: Pick<SyncRun, 'repository' | 'context' | 'request' | 'plan' | 'failures'>,
  options: SessionOptions,
): ContentSync {
  const totals: ContentTotals = { got: 0, sent: 0, dropped: 0 };
  const ended: EndedPass[] = [];
  /** What waits, by repository. */
  const deferred = new Map<Uuid, Set<Key>>();
  let visited: readonly SyncRemote[] = [];
  let limited = false;

  async function inSession(action: (session: Session) => Promise<Work>): Promise<PassOutcome> {
    const unattended = run.request.manner !== 'attended';
    const session = await openSession(run.repository, run.context, { ...options, unattended });
    try {
      const { failed, transferred, moved } = await action(session);
      limited ||= session.limits.reached;
      return { failed, transferred, changed: moved.size > 0 };
    } finally {
      // What the remotes were told they record now, so that it comes with the next fetch.
      for (const { remote } of session.entries) await remote?.close();
    }
  }
  return {
    totals,
    get limited() {
      return limited;
    },
    get waiting() {
      return deferred.size > 0;
    },
    pass: (remotes, last) =>
      inSession(async (session) => {
        const work = createWork(totals, deferred);
        const { plan, request } = run;
        const { broken } = work;
        const scene = await setScene(session, { plan, request, remotes, dropHere: last, broken, options });
        visited = [...visited, ...remotes];
        const done = await passOver(run, session, scene, work);
        if (!session.limits.reached && !limited && done !== undefined) ended.push(done);
        return work;
      }),
    passAgain: () =>
      inSession(async (session) => {
        const work = createWork(totals, undefined);
        const { plan, request, failures } = run;
        const { broken } = work;
        const keys = new Set<Key>();
        for (const [uuid, some] of deferred) {
          if (session.isLeftOut(uuid)) broken.add(uuid);
          else for (const key of some) keys.add(key);
        }
        const leftOut = new Set(broken);
        const left = tellLeftOut(session, leftOut, deferred);
        if (request.manner === 'attended') work.failed += left;
        deferred.clear();
        if (keys.size === 0) return work;
        const scene = await setScene(session, {
          plan,
          request,
          remotes: visited,
          dropHere: true,
          broken,
          options,
        });
        const hands = createHands(session, scene.ways, work);
        const changes = { keys, paths: new Set<ByteString>() };
        const scope = { request, changes, done: work.moved, record: true };
        work.failed += await eachBatch(session, scope, (subjects) => passBatch(scene.rules, subjects, hands));
        for (const uuid of broken) if (!leftOut.has(uuid)) failures.lost(uuid);
        return work;
      }),
    async finish() {
      for (const pass of ended) await recordSettled(run.repository, pass);
    },
  };
}

function createWork(totals: ContentTotals, deferred: Work['deferred']): Work {
  return {
    totals,
    deferred,
    moved: new Set(),
    unsettled: new Set(),
    broken: new Set(),
    failed: 0,
    transferred: false,
  };
}

/** Says for which remotes contents wait that are not waited for; gives their number. */
function tellLeftOut(
  { entries, context }: Session,
  leftOut: ReadonlySet<Uuid>,
  deferred: ReadonlyMap<Uuid, ReadonlySet<Key>>,
): number {
  let total = 0;
  for (const uuid of leftOut) {
    const remote = entries.find((entry) => entry.remote?.uuid === uuid)?.remote;
    const count = deferred.get(uuid)?.size ?? 0;
    const what = count === 1 ? '1 content waits' : `${count} contents wait`;
    const text = `Transfers with ${toText(remote?.name ?? uuid)} are paused, so ${what}; git annex-ts transfer-status --resume lets them go on.`;
    context.emit({ type: 'warning', text });
    total += count;
  }
  return total;
}

/** Gives what may be recorded about the pass; undefined when it has not seen everything. */
async function passOver(
  { repository, request, plan, failures }: Pick<SyncRun, 'repository' | 'request' | 'plan' | 'failures'>,
  session: Session,
  scene: ContentScene,
  work: Work,
): Promise<EndedPass | undefined> {
  if (scene.repositories.length === 0) return undefined;
  await repository.branch.commit();
  const recordable = request.contentOf.length === 0 && scene.steady;
  const state = recordable ? await contentState(repository) : undefined;
  const changes: ContentChanges =
    state === undefined || request.full
      ? 'everything'
      : await contentChanges(repository, state, scene.repositories, scene.choices);
  if (changes === 'everything' || changes.keys.size + changes.paths.size > 0) {
    const hands = createHands(session, scene.ways, work);
    const scope = { request, changes, done: work.moved, record: true };
    if (plan.maxDelete !== undefined) await guardDrops(session, scene.rules, scope, plan.maxDelete);
    work.failed += await eachBatch(session, scope, (subjects) => passBatch(scene.rules, subjects, hands));
    for (const uuid of work.broken) failures.lost(uuid);
  }
  // What a remote that went away would have needed is not known.
  if (work.broken.size > 0) return undefined;
  return state === undefined ? undefined : { scene, state, unsettled: work.unsettled, all: request.all };
}
