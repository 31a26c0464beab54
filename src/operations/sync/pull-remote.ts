import type { ByteString } from '../../lib/bytes.js';
import { beginStep, type GitReport } from '../merge/git-report.js';
import { mergeIntoAdjusted } from '../adjusted/merge-adjusted.js';
import { mergeRef } from '../merge/merge-ref.js';
import { plainToo } from '../merge/plain-too.js';
import type { SyncRemote } from './choose-remotes.js';
import { syncedRef } from './current-branch.js';
import type { FetchedRemote } from './fetch-remote.js';
import { guardMerge } from './guard-merge.js';
import { contains, trackingRef } from './known-refs.js';
import type { SyncRun } from './sync-run.js';

/**
 * Shows what fetching from a remote gave, and merges its branches into ours.
 * @returns how many actions failed: 0 or 1
 */
export async function pullRemote(
  run: SyncRun,
  remote: SyncRemote,
  fetched: FetchedRemote | Error,
): Promise<number> {
  const step = beginStep(run.context, 'pull', remote.name, remote);
  if (fetched instanceof Error) return step.end(fetched);
  step.complaint(fetched.complaint);
  let failure: unknown;
  for (const ref of await refsToMerge(run, remote, fetched)) {
    try {
      step.frame('\n' as ByteString);
      await mergeInto(run, ref, step);
    } catch (error) {
      failure ??= error;
    }
  }
  return step.end(failure);
}

/** The remote's branch of that name and its drop point, where they have something new. */
async function refsToMerge(
  { repository, branch }: SyncRun,
  remote: SyncRemote,
  { refs }: FetchedRemote,
): Promise<ByteString[]> {
  const { git, location } = repository;
  if (branch === undefined || location.workTree === undefined) return [];
  const tip = await git.resolve(branch.ref);
  const found: ByteString[] = [];
  for (const head of [branch.ref, syncedRef(branch)]) {
    const tracking = trackingRef(remote.name, head);
    const theirs = refs.has(head) ? await git.resolve(tracking) : undefined;
    if (theirs !== undefined && !(await contains(git, tip, theirs))) found.push(tracking);
  }
  return found;
}

type Merging = Pick<SyncRun, 'repository' | 'context' | 'branch' | 'resolve' | 'allowUnrelatedHistories'> & {
  readonly plan?: Pick<SyncRun['plan'], 'maxDelete'>;
};

async function mergeInto(run: Merging, ref: ByteString, report: GitReport): Promise<void> {
  const { allowUnrelatedHistories, resolve, context } = run;
  const annexedOnly = !plainToo(run.repository.settings);
  const options = { allowUnrelatedHistories, resolve, annexedOnly, signal: context.signal };
  const { branch, plan, repository } = run;
  if (branch !== undefined) await guardMerge(repository.git, branch.ref, ref, plan?.maxDelete);
  const adjusted = branch?.adjusted;
  if (adjusted === undefined) await mergeRef(run.repository, ref, options, report);
  else await mergeIntoAdjusted(run.repository, adjusted, ref, options, report);
}

/**
 * Merges what others have pushed to this repository's drop point, then removes the drop point. In an adjusted branch also
 * merges what the original branch has got in another way.
 * @returns how many actions failed
 */
export async function mergeDropPoint(run: Merging): Promise<number> {
  const failed = await mergeSynced(run);
  return failed + (await mergeOriginal(run));
}

async function mergeSynced(run: Merging): Promise<number> {
  const { repository, branch, context } = run;
  const { git, location } = repository;
  if (branch === undefined || location.workTree === undefined) return 0;
  const ref = syncedRef(branch);
  const theirs = await git.resolve(ref);
  if (theirs === undefined) return 0;
  if (!(await contains(git, await git.resolve(branch.ref), theirs))) {
    const step = beginStep(context, 'merge', `synced/${branch.name}` as ByteString);
    try {
      await mergeInto(run, ref, step);
    } catch (error) {
      return step.end(error);
    }
    step.end();
  }
  // Only what was merged: a push that came meanwhile stays for the next time.
  await git.run(['update-ref', '-d', ref, theirs], { accept: 'any' });
  return 0;
}

async function mergeOriginal(run: Merging): Promise<number> {
  const { repository, branch, context } = run;
  const adjusted = branch?.adjusted;
  if (branch === undefined || adjusted === undefined) return 0;
  const { git } = repository;
  const original = await git.resolve(branch.ref);
  if (await contains(git, await git.resolve(adjusted.basisRef), original)) return 0;
  const step = beginStep(context, 'merge', branch.name);
  try {
    await mergeInto(run, branch.ref, step);
  } catch (error) {
    return step.end(error);
  }
  return step.end();
}
