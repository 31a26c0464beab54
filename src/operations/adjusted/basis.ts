import { type AdjustedBranch, isAdjustingMessage } from '../../domain/adjusted-branch.js';
import { AnnexError } from '../../domain/errors.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import type { Git } from '../../repository/git/git.js';
import { readCommit } from './commits.js';
import { updateRefs } from './update-refs.js';

/**
 * The commit that an adjusted branch is based on. A clone of a repository that is on an adjusted branch lacks the ref
 * that tells: then it is found, and the original branch is made where it is missing, too.
 * @throws `git-failed` when the branch is not one that `adjust` has made
 */
export async function basisOf(git: Git, branch: AdjustedBranch): Promise<ByteString> {
  const known = await git.resolve(branch.basisRef);
  if (known !== undefined) return known;
  const found = await parentOfAdjusting(git, branch);
  const changes = [{ ref: branch.basisRef, from: undefined, to: found }];
  if ((await git.resolve(branch.originalRef)) === undefined) {
    changes.push({ ref: branch.originalRef, from: undefined, to: found });
  }
  await updateRefs(git, changes, 'entering adjusted branch');
  return found;
}

/** Searches the first parents of the branch for the commit that adjusts. */
async function parentOfAdjusting(git: Git, branch: AdjustedBranch): Promise<ByteString> {
  for await (const sha of git.records(['rev-list', '--first-parent', branch.ref, '--'], '\n')) {
    const { message, parents } = await readCommit(git, sha as ByteString);
    if (isAdjustingMessage(message) && parents[0] !== undefined) return parents[0];
  }
  throw new AnnexError('git-failed', `${toText(branch.name)} has no commit that tells what it is based on`, {
    hint: `Check out ${toText(branch.original)} and enter the adjusted branch with git-annex-ts adjust --force.`,
  });
}
