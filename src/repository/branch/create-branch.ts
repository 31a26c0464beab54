import type { ByteString } from '../../lib/bytes.js';
import { type BranchParts, branchRef } from './branch-parts.js';
import { commitTree, moveBranch } from './commit-tree.js';

/**
 * The commit the branch is at; makes the branch when it does not exist: from `origin/git-annex`, else as an empty commit.
 * For the holder of the journal lock.
 */
export async function ensureBranch(parts: BranchParts): Promise<ByteString> {
  const { git, index } = parts;
  for (;;) {
    const present = await git.resolve(branchRef);
    if (present !== undefined) return present;
    const origin = await git.resolve('refs/remotes/origin/git-annex' as ByteString);
    const first = origin ?? (await emptyCommit(parts));
    if (await moveBranch(parts, undefined, first)) {
      await index.followMerge(first);
      return first;
    }
  }
}

async function emptyCommit({ git }: BranchParts): Promise<ByteString> {
  const [tree] = await git.writeObjects([{ type: 'tree', content: '' as ByteString }]);
  return commitTree(git, tree as ByteString, [], 'branch created\n' as ByteString);
}
