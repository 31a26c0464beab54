import { setTimeout as sleep } from 'node:timers/promises';
import { AnnexError } from '../../domain/errors.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import { planPush, type RemoteBranch, syncedRefspec } from '../../planning/sync-push.js';
import type { Repository } from '../../repository/repository.js';
import type { SyncRemote } from './choose-remotes.js';
import { type CurrentBranch, syncedRef } from './current-branch.js';
import { remoteRefs, reaching } from './fetch-remote.js';
import { annexRef, contains, type Refs, syncedAnnexRef } from './known-refs.js';
import { takesPush } from './remote-head.js';
import { runPush } from './run-push.js';

export interface PushOptions {
  /** The branch to push; undefined: the git-annex branch only. */
  readonly branch: CurrentBranch | undefined;
  readonly signal: AbortSignal;
}

export type PushOutcome =
  | { readonly state: 'nothing' }
  | { readonly state: 'done'; readonly text: string }
  /** Somebody else pushed in between: pull, merge and try again. */
  | { readonly state: 'moved-on'; readonly error?: AnnexError }
  /** The remote did not take it: because somebody else was pushing at that moment, or because it never will. */
  | { readonly state: 'refused'; readonly error: AnnexError };

/**
 * Pushes to a remote what it lacks.
 * @param known the remote's refs as last seen; undefined: they are asked for
 * @throws `remote-unavailable`; `git-failed` when the remote is known to have what is not merged here, and there is no place for
 *   ours
 */
export async function pushRemote(
  repository: Repository,
  remote: SyncRemote,
  known: Refs | undefined,
  { branch, signal }: PushOptions,
): Promise<PushOutcome> {
  const { git } = repository;
  const refs = known ?? (await remoteRefs(repository, remote, signal));
  const { plan, born, tip, annexTip } = await planPushTo(repository, remote, refs, branch);
  if (plan.refspecs.length === 0 && !plan.blocked) return { state: 'nothing' };
  const texts: string[] = [];
  const push = async (refspecs: readonly ByteString[]): Promise<ReadonlyMap<ByteString, string>> => {
    if (refspecs.length === 0) return new Map();
    const { refused, text } = await runPush(git, remote, refspecs, signal);
    if (text !== '' && refused.size === 0) texts.push(text);
    return refused;
  };
  const refused = new Map(await push(plan.refspecs));
  if (refused.size > 0) {
    const now = await remoteRefs(repository, remote, signal);
    for (const ref of refused.keys()) {
      const ours = ref === annexRef || ref === syncedAnnexRef ? annexTip : tip;
      if (!(await contains(git, ours, now.get(ref)))) return { state: 'moved-on' };
    }
    if (born !== undefined && refused.delete(born.ref)) {
      for (const [ref, reason] of await push([syncedRefspec(born.name)])) refused.set(ref, reason);
    }
  }
  if (plan.blocked && known === undefined) return { state: 'moved-on', error: notMerged(remote) };
  if (plan.blocked) throw notMerged(remote);
  if (refused.size > 0) return { state: 'refused', error: refusal(remote, refused) };
  await pushAnnexDirectly(repository, remote, refs, plan.refspecs, signal);
  return { state: 'done', text: texts.join('\n') };
}

/** What a push would send, and the commits it is about; `born` is the branch when it has a commit. */
export async function planPushTo(
  repository: Repository,
  remote: SyncRemote,
  refs: Refs,
  branch: CurrentBranch | undefined,
) {
  const { git } = repository;
  const annexTip = await git.resolve(annexRef);
  const tip = branch && (await git.resolve(branch.ref));
  const born = tip === undefined ? undefined : branch;
  const state = (ref: ByteString, ours: ByteString | undefined) =>
    remoteBranch(repository, refs.get(ref), ours);
  const direct = await state(born?.ref ?? annexRef, tip);
  const plan = planPush({
    branch: born?.name,
    direct,
    synced: born === undefined ? direct : await state(syncedRef(born), tip),
    takesDirect: born === undefined || direct.containsOurs ? undefined : await takesPush(git, remote, born),
    annex: await state(annexRef, annexTip),
    syncedAnnex: await state(syncedAnnexRef, annexTip),
    hasAnnex: annexTip !== undefined,
  });
  return { plan, born, tip, annexTip };
}

async function remoteBranch(
  { git }: Repository,
  theirs: ByteString | undefined,
  ours: ByteString | undefined,
): Promise<RemoteBranch> {
  const containsOurs = theirs !== undefined && (await contains(git, theirs, ours));
  return {
    exists: theirs !== undefined,
    containsOurs,
    contained: theirs === undefined || theirs === ours || (await contains(git, ours, theirs)),
  };
}

/** For remotes without git-annex's hook, and for clones of them that do not look below `synced/`. */
async function pushAnnexDirectly(
  { git }: Repository,
  remote: SyncRemote,
  refs: Refs,
  pushed: readonly ByteString[],
  signal: AbortSignal,
): Promise<void> {
  const toSynced = pushed.some((refspec) => refspec.endsWith(`:${syncedAnnexRef}`));
  if (!toSynced || !refs.has(annexRef)) return;
  await git.run(['push', '--quiet', '--', remote.name, `${annexRef}:${annexRef}`], {
    accept: 'any',
    ...reaching(remote, signal),
  });
}

function notMerged(remote: SyncRemote): AnnexError {
  return new AnnexError('git-failed', `${toText(remote.name)} has changes that are not merged here`, {
    hint: 'Pull and merge them, then push again.',
  });
}

function refusal(remote: SyncRemote, refused: ReadonlyMap<ByteString, string>): AnnexError {
  const names = [...refused.keys()].map((ref) => toText(ref).replace('refs/heads/', '')).join(', ');
  const reasons = [...new Set(refused.values())].join('; ');
  return new AnnexError('git-failed', `${toText(remote.name)} refused the push of ${names}: ${reasons}`);
}

/** How often a push that lost a race is tried again. */
export const pushAttempts = 6;

/** How often a push that was refused is tried: long enough for somebody else's push to end. */
export const refusedAttempts = 4;

/** Waits before the next attempt, for a random time that grows with the attempts, so that contenders spread. */
export async function pauseBeforeRetry(attempt: number, signal: AbortSignal): Promise<void> {
  await sleep(50 + Math.random() * 200 * 2 ** attempt, undefined, { signal });
}
