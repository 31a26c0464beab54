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
  let limited = false;
  return {
    totals,
    get limited() {
      return limited;
    },
    async pass(remotes, last) {
      const session = await openSession(run.repository, run.context, options);
      try {
        const work: Work = {
          totals,
          moved: new Set(),
          unsettled: new Set(),
          broken: new Set(),
          failed: 0,
          transferred: false,
        };
        const { plan, request } = run;
        const { broken } = work;
        const scene = await setScene(session, { plan, request, remotes, dropHere: last, broken, options });
        const done = await passOver(run, session, scene, work);
        limited ||= session.limits.reached;
        if (!limited && done !== undefined) ended.push(done);
        const changed = work.moved.size > 0;
        return { failed: work.failed, transferred: work.transferred, changed };
      } finally {
        // What the remotes were told they record now, so that it comes with the next fetch.
        for (const { remote } of session.entries) await remote?.close();
      }
    },
    async finish() {
      for (const pass of ended) await recordSettled(run.repository, pass);
    },
  };
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
    const hands = createHands(session, scene.remotes, work);
    const scope = { request, changes, done: work.moved, record: true };
    if (plan.maxDelete !== undefined) await guardDrops(session, scene.rules, scope, plan.maxDelete);
    work.failed += await eachBatch(session, scope, (subjects) => passBatch(scene.rules, subjects, hands));
    for (const uuid of work.broken) failures.lost(uuid);
  }
  // What a remote that went away would have needed is not known.
  if (work.broken.size > 0) return undefined;
  return state === undefined ? undefined : { scene, state, unsettled: work.unsettled, all: request.all };
}
