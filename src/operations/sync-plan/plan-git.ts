import { whileReachable } from '../sync/reach-remotes.js';
import { AnnexError } from '../../domain/errors.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import type { OperationContext } from '../context.js';
import { hasBranches, type SyncRemote } from '../sync/choose-remotes.js';
import { type CurrentBranch, syncedRef } from '../sync/current-branch.js';
import { remoteRefs } from '../sync/fetch-remote.js';
import { guardWorkTree } from '../sync/guard-work-tree.js';
import { annexRef, contains, type Refs, syncedAnnexRef } from '../sync/known-refs.js';
import { planPushTo } from '../sync/push-remote.js';
import type { SyncPlan, SyncRequest } from '../sync/sync-request.js';
import type { PlanTeller } from './tell-plan.js';

export interface GitPlanRequest {
  readonly request: SyncRequest;
  readonly plan: SyncPlan;
  readonly branch: CurrentBranch | undefined;
  readonly remotes: readonly SyncRemote[];
}

/**
 * Tells what would be committed, pulled and pushed, as far as that can be known without fetching.
 * @returns the remotes that did not answer
 */
export async function planGit(
  repository: Repository,
  given: GitPlanRequest,
  context: OperationContext,
  teller: PlanTeller,
): Promise<ReadonlySet<SyncRemote>> {
  const { plan, request, branch, remotes } = given;
  const commits = await planCommit(repository, request, plan, teller);
  const asked = remotes.filter(hasBranches);
  const answers = await whileReachable(repository, asked, (reachable) =>
    Promise.all(
      reachable.map((remote) =>
        remoteRefs(repository, remote, context.signal).catch((error: unknown) => error),
      ),
    ),
  );
  const silent = new Set<SyncRemote>();
  for (const [i, remote] of asked.entries()) {
    const refs = answers[i];
    if (refs instanceof AnnexError) {
      silent.add(remote);
      const hint = refs.hint === undefined ? '' : ` ${refs.hint}`;
      context.emit({ type: 'warning', text: `${refs.message}${hint}` });
      continue;
    }
    if (refs instanceof Error) throw refs;
    const pulls =
      plan.pull && remote.pull ? await planPull(repository, remote, branch, refs as Refs, teller) : 0;
    if (plan.push && remote.push)
      await planOnePush(repository, remote, branch, refs as Refs, commits || pulls > 0, teller);
  }
  return silent;
}

/** Whether there would be a commit. */
async function planCommit(
  repository: Repository,
  request: SyncRequest,
  plan: SyncPlan,
  teller: PlanTeller,
): Promise<boolean> {
  const { git, location } = repository;
  if (location.workTree === undefined || !plan.commit) return false;
  let count = 0;
  if (request.addNew) {
    const below = request.contentOf.length > 0 ? ['--', ...request.contentOf] : [];
    for await (const path of git.records(
      ['ls-files', '-z', '--others', '--exclude-standard', ...below],
      '\0',
    )) {
      teller.step({ action: 'add', subject: path, detail: '', fields: { file: path } });
      count++;
    }
  }
  // Without the filters: they would take new content of unlocked files into the annex.
  const unfiltered = ['-c', 'filter.annex.process=', '-c', 'filter.annex.clean='];
  const status = [...unfiltered, 'status', '--porcelain', '-z', '--no-renames', '--untracked-files=no'];
  for await (const _ of git.records(status, '\0')) count++;
  if (count === 0) return false;
  try {
    await guardWorkTree(repository, plan.maxDelete);
  } catch (error) {
    if (!(error instanceof AnnexError)) throw error;
    teller.step({ action: 'stop', subject: NONE, detail: error.message, fields: { reason: error.code } });
    return false;
  }
  const files = count === 1 ? '1 file' : `${count} files`;
  teller.step({ action: 'commit', subject: files as ByteString, detail: '', fields: { files: count } });
  return true;
}

const NONE = '' as ByteString;

/** Gives how many branches have something new. */
async function planPull(
  { git }: Repository,
  remote: SyncRemote,
  branch: CurrentBranch | undefined,
  refs: Refs,
  teller: PlanTeller,
): Promise<number> {
  const heads = branch === undefined ? [] : [branch.ref, syncedRef(branch)];
  let found = 0;
  for (const head of [...heads, annexRef, syncedAnnexRef]) {
    const theirs = refs.get(head);
    const own = head === annexRef || head === syncedAnnexRef ? annexRef : (branch?.ref ?? head);
    const ours = await git.resolve(own);
    if (theirs === undefined || (await contains(git, ours, theirs))) continue;
    found++;
    const count = await commitsBetween(git, ours, theirs);
    teller.step({
      action: 'pull',
      subject: remote.name,
      detail: `${short(head)} (${count === undefined ? 'new there, not fetched yet' : commitsText(count)})`,
      fields: {
        remote: remote.name,
        ref: head,
        to: theirs,
        ...(count === undefined ? {} : { commits: count }),
      },
    });
  }
  return found;
}

async function planOnePush(
  repository: Repository,
  remote: SyncRemote,
  branch: CurrentBranch | undefined,
  refs: Refs,
  more: boolean,
  teller: PlanTeller,
): Promise<void> {
  const { git } = repository;
  const { plan } = await planPushTo(repository, remote, refs, branch);
  for (const refspec of plan.refspecs) {
    const [from = '', to = ''] = refspec.replace(/^\+/, '').split(':') as ByteString[];
    const count = await commitsBetween(git, refs.get(to as ByteString), from as ByteString);
    teller.step({
      action: 'push',
      subject: remote.name,
      detail: `${short(from)} -> ${short(to)}${count === undefined ? '' : ` (${commitsText(count)})`}`,
      fields: { remote: remote.name, from, to, ...(count === undefined ? {} : { commits: count }) },
    });
  }
  const missing = plan.blocked && !more;
  if (missing || (more && branch !== undefined && !plan.refspecs.some((spec) => spec.includes(branch.ref)))) {
    const detail = missing
      ? 'has changes that have to be merged first'
      : 'what is committed or merged by then';
    teller.step({
      action: 'push',
      subject: remote.name,
      detail,
      fields: { remote: remote.name, blocked: missing },
    });
  }
}

/** How many commits `to` has that `from` has not; undefined where that can't be known. */
async function commitsBetween(
  git: Repository['git'],
  from: ByteString | undefined,
  to: ByteString,
): Promise<number | undefined> {
  const range = from === undefined ? [to] : [to, `^${from}`];
  const { exitCode, stdout } = await git.run(['rev-list', '--count', ...range], { accept: 'any' });
  return exitCode === 0 ? Number(stdout) : undefined;
}

function commitsText(count: number): string {
  return count === 1 ? '1 commit' : `${count} commits`;
}

function short(ref: string): string {
  return toText(ref.replace(/^refs\/heads\//, '') as ByteString);
}
