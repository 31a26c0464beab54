import { adjustingMessage } from '../../domain/adjusted-branch.js';
import { AnnexError } from '../../domain/errors.js';
import { buildGitCommit, type GitCommit, parseGitCommit } from '../../domain/git-commit.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Git } from '../../repository/git/git.js';

/** Reads a commit; throws `git-failed` when there is none of that name. */
export async function readCommit(git: Git, name: ByteString): Promise<GitCommit> {
  const object = await git.object(name);
  const commit = object?.type === 'commit' ? parseGitCommit(object.content) : undefined;
  if (commit === undefined) throw new AnnexError('git-failed', `git commit ${name} is missing or corrupt`);
  return commit;
}

/**
 * Writes the commit that leads from a commit of the original branch to its adjusted tree. It has the dates and people of
 * that commit, so that everybody who adjusts it in the same way gets the same commit.
 */
export async function writeAdjustingCommit(
  git: Git,
  basis: ByteString,
  tree: ByteString,
): Promise<ByteString> {
  const { author, committer } = await readCommit(git, basis);
  const content = buildGitCommit({ tree, parents: [basis], author, committer, message: adjustingMessage });
  const [sha] = await git.writeObjects([{ type: 'commit', content }]);
  if (sha === undefined) throw new AnnexError('internal', 'no object was written');
  return sha;
}
