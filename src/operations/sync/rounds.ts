import { AnnexError } from '../../domain/errors.js';
import type { ByteString } from '../../lib/bytes.js';
import { noteContentChange } from '../adjusted/adjust-log.js';
import { settleAdjusted } from '../adjusted/settle.js';
import { beginStep } from '../merge/git-report.js';
import { hasBranches, type SyncRemote } from './choose-remotes.js';
import { pullRemote } from './pull-remote.js';
import { pullAgain, pushAll } from './push-all.js';
import type { ContentSync, PassOutcome } from './sync-content.js';
import type { Answer, ReadyRemote, SyncRun } from './sync-run.js';
import { updateAnnexBranch } from './update-annex-branch.js';

/** Gives contents the keys that other clones migrated them to. */
async function followOthers({ repository, context }: SyncRun): Promise<number> {
  const { followMigrations } = await import('../migrate/apply-migrations.js');
  return followMigrations(repository, context);
}

/** Pulls, content and pushes, once for each group of remotes that answer at the same time. */
export interface Rounds {
  /**
   * Takes up remotes that have answered; gives how many actions failed.
   * @param last whether no others will follow
   */
  next(answers: readonly Answer[], last: boolean): Promise<number>;
  /** Does what was put off because transfers are paused; gives how many actions failed. */
  finish(): Promise<number>;
  /** The names of the remotes that could be reached. */
  readonly reached: ReadonlySet<ByteString>;
}

export function createRounds(
  run: SyncRun,
  remotes: readonly SyncRemote[],
  content: ContentSync | undefined,
): Rounds {
  const { repository, plan } = run;
  let ready: ReadyRemote[] = [];
  const reached = new Set<ByteString>();
  /** What the remotes that are ready have been offered. */
  let offered: string | undefined;
  /** Special remotes need not answer. */
  let unasked = remotes.filter((remote) => !hasBranches(remote));

  const refresh = async (): Promise<void> => {
    await updateAnnexBranch(repository);
    await repository.branch.commit();
  };

  /** Pulls from the remotes that answered; gives those that did, and how many failed. */
  const pull = async (answers: readonly Answer[]): Promise<[ReadyRemote[], number]> => {
    const arrived: ReadyRemote[] = [];
    let failed = 0;
    for (const { remote, fetched } of answers) {
      if (fetched instanceof AnnexError) run.failures.failed(remote, fetched);
      if (plan.pull && remote.pull) failed += await pullRemote(run, remote, fetched);
      else if (fetched instanceof AnnexError) failed += notReached(run, remote, fetched);
      if (!(fetched instanceof AnnexError)) arrived.push({ remote, refs: fetched.refs });
    }
    return [arrived, failed];
  };

  /** What follows a pull: contents, and pushes to the remotes that arrived, and to others where something is new. */
  const exchange = async (
    answered: readonly ReadyRemote[],
    moveContent: (() => Promise<PassOutcome>) | undefined,
  ): Promise<number> => {
    let arrived = answered;
    let failed = 0;
    if (moveContent !== undefined) {
      const moved = await moveContent();
      failed += moved.failed;
      if (moved.changed && run.branch?.adjusted?.adjustment.presence !== undefined)
        await noteContentChange(repository.annexDir);
      if (moved.changed) arrived = arrived.map(({ remote }) => ({ remote, refs: undefined }));
      if (moved.transferred) failed += await pullWhatTheyRecorded(run, [...ready, ...arrived]);
    }
    failed += await settle(run);
    await refresh();
    const all = [...ready, ...arrived];
    // Remotes that came earlier are pushed to again only when there is something new for them.
    const wanting = (await ownTips(run)) === offered ? arrived : all;
    if (plan.push) failed += await pushAll(run, wanting, refresh);
    offered = await ownTips(run);
    ready = all.map(({ remote }) => ({ remote, refs: undefined }));
    return failed;
  };

  return {
    reached,
    async next(answers, last) {
      const [arrived, failed] = await pull(answers);
      for (const { remote } of arrived) reached.add(remote.name);
      await updateAnnexBranch(repository);
      if (content === undefined) return failed + (await exchange(arrived, undefined));
      const followed = plan.pull ? await followOthers(run) : 0;
      const visited = inOrder(remotes, [...arrived.map(({ remote }) => remote), ...unasked]);
      unasked = [];
      return failed + followed + (await exchange(arrived, () => content.pass(visited, last)));
    },
    finish: async () => (content?.waiting ? exchange([], () => content.passAgain()) : 0),
  };
}

/** A pull leaves commits of an adjusted branch there, unless what was got is to be shown in it. */
async function settle({ repository, branch, plan, request, context }: SyncRun): Promise<number> {
  if (!plan.push && !plan.commit && branch?.adjusted?.adjustment.presence === undefined) return 0;
  return settleAdjusted(repository, branch, context, request.content !== false);
}

function inOrder(remotes: readonly SyncRemote[], some: readonly SyncRemote[]): SyncRemote[] {
  const chosen = new Set(some);
  return remotes.filter((remote) => chosen.has(remote));
}

async function pullWhatTheyRecorded(run: SyncRun, remotes: readonly ReadyRemote[]): Promise<number> {
  let failed = 0;
  for (const { remote } of remotes) if (run.plan.pull && remote.pull) failed += await pullAgain(run, remote);
  return failed;
}

/** A remote that is only pushed to, or only holds content, and did not answer. */
function notReached({ context, plan }: SyncRun, remote: SyncRemote, error: AnnexError): number {
  return beginStep(context, plan.push && remote.push ? 'push' : 'pull', remote.name, remote).end(error);
}

async function ownTips({ repository, branch }: SyncRun): Promise<string> {
  const tip = branch && (await repository.git.resolve(branch.ref));
  return `${tip ?? ''} ${(await repository.branch.tip()) ?? ''}`;
}
