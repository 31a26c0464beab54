import type { ByteString } from '../lib/bytes.js';

/** What is known of one branch in a remote: of it, and of its drop point below `synced/`. */
export interface RemoteBranch {
  /** Whether the remote has the branch. */
  readonly exists: boolean;
  /** Whether the remote's branch has everything ours has. */
  readonly containsOurs: boolean;
  /** Whether ours has everything the remote's branch has; true when the remote has no such branch. */
  readonly contained: boolean;
}

export interface PushFacts {
  /** Our branch's name; undefined when only the git-annex branch is to be pushed. */
  readonly branch: ByteString | undefined;
  readonly direct: RemoteBranch;
  readonly synced: RemoteBranch;
  /**
   * Whether the remote takes a push to that branch: it does not when the branch is checked out there. Undefined when that
   * can't be known without trying.
   */
  readonly takesDirect: boolean | undefined;
  readonly annex: RemoteBranch;
  readonly syncedAnnex: RemoteBranch;
  /** Whether our git-annex branch exists. */
  readonly hasAnnex: boolean;
}

export interface PushPlan {
  /** What to push at once. */
  readonly refspecs: readonly ByteString[];
  /** The remote has commits that are not merged here, and no drop point that would take ours. */
  readonly blocked: boolean;
}

const annexToSynced = '+refs/heads/git-annex:refs/heads/synced/git-annex' as ByteString;
const annexToAnnex = 'refs/heads/git-annex:refs/heads/git-annex' as ByteString;

/**
 * What to push to a remote (the rules of git-annex 10.20260624): the branch itself where the remote takes it, its
 * `synced/` drop point only where not. The git-annex branch goes to its drop point, which the remote merges; directly only
 * where the remote has none, since a git-annex that is at work there expects nobody else to change it.
 */
export function planPush(facts: PushFacts): PushPlan {
  const refspecs: ByteString[] = [];
  let blocked = false;
  const { branch, direct, synced, takesDirect } = facts;
  const delivered = direct.containsOurs || (synced.containsOurs && takesDirect !== true);
  if (branch !== undefined && !delivered) {
    if (direct.contained && takesDirect !== false) refspecs.push(spec(branch, branch));
    else if (synced.containsOurs) blocked = takesDirect === true;
    else if (synced.contained) refspecs.push(spec(branch, `synced/${branch}`));
    else blocked = true;
  }
  if (facts.hasAnnex && !facts.annex.containsOurs && !facts.syncedAnnex.containsOurs) {
    refspecs.push(annexToSynced);
    if (!facts.annex.exists) refspecs.push(annexToAnnex);
  }
  return { refspecs, blocked };
}

/** The drop point's refspec for a branch that the remote refused. */
export function syncedRefspec(branch: ByteString): ByteString {
  return spec(branch, `synced/${branch}`);
}

function spec(from: string, to: string): ByteString {
  return `refs/heads/${from}:refs/heads/${to}` as ByteString;
}
