import { userInfo } from 'node:os';
import { AnnexError } from '../../domain/errors.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Git } from '../git/git.js';
import { type BranchParts, branchRef } from './branch-parts.js';

/** Makes a commit as git-annex does: not signed, unless the user lets it; a user without a name gets the login name. */
export async function commitTree(
  git: Git,
  tree: ByteString,
  parents: readonly ByteString[],
  message: ByteString,
): Promise<ByteString> {
  const sign = git.signs ? '-S' : '--no-gpg-sign';
  const args = ['commit-tree', sign, ...parents.flatMap((parent) => ['-p', parent]), tree];
  const first = await git.run(args, { input: message, accept: 'any' });
  if (first.exitCode === 0) return first.stdout.trimEnd() as ByteString;
  const name = loginName();
  const identity = ['-c', `user.name=${name}`, '-c', `user.email=${name}`];
  return (await git.run([...identity, ...args], { input: message })).stdout.trimEnd() as ByteString;
}

function loginName(): string {
  try {
    return userInfo().username.replace(/[^\x20-\x7e]/g, '?') || 'unknown';
  } catch {
    return 'unknown';
  }
}

/** The tree of a commit. */
export async function treeOf(git: Git, commit: ByteString): Promise<ByteString> {
  const object = await git.object(commit);
  const tree = /^tree ([0-9a-f]+)\n/.exec(object?.content ?? '')?.[1];
  if (object?.type !== 'commit' || tree === undefined) {
    throw new AnnexError('git-failed', 'the git-annex branch does not point to a readable commit', {
      hint: 'Run: git fsck',
    });
  }
  return tree as ByteString;
}

/**
 * Moves the branch; false when somebody else (a push) moved it meanwhile, and nothing was done.
 * @param from where it must be now; undefined: it must not exist
 */
export async function moveBranch(
  { git }: Pick<BranchParts, 'git'>,
  from: ByteString | undefined,
  to: ByteString,
): Promise<boolean> {
  const old = from ?? ('0'.repeat(to.length) as ByteString);
  const { exitCode, stderr } = await git.run(['update-ref', branchRef, to, old], { accept: 'any' });
  if (exitCode === 0) return true;
  if ((await git.resolve(branchRef)) !== from) return false;
  throw new AnnexError('git-failed', `the git-annex branch could not be updated: ${stderr.trim()}`);
}

/** Repeats `attempt` while others move the branch away under it. */
export async function untilMoved<T>(attempt: () => Promise<T | 'again'>): Promise<T> {
  for (let tries = 0; tries < 50; tries++) {
    const result = await attempt();
    if (result !== 'again') return result;
  }
  throw new AnnexError('locked', 'the git-annex branch is changed by others all the time', {
    hint: 'Try again later.',
  });
}
