import { adjustingMessage } from '../../domain/adjusted-branch.js';
import { AnnexError } from '../../domain/errors.js';
import { buildGitCommit, type GitCommit, parseGitCommit } from '../../domain/git-commit.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import { trimEnd } from '../../lib/words.js';
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
  return writeCommit(git, { tree, parents: [basis], author, committer, message: adjustingMessage });
}

/** Writes a commit of a tree that is there, signed where the user lets it. */
export async function writeCommit(git: Git, commit: GitCommit): Promise<ByteString> {
  if (git.signs) return signedCommit(git, commit);
  const [sha] = await git.writeObjects([{ type: 'commit', content: buildGitCommit(commit) }]);
  if (sha === undefined) throw new AnnexError('internal', 'no object was written');
  return sha;
}

/** Writes a commit of a tree that is there, with a signature. */
export async function signedCommit(git: Git, commit: GitCommit): Promise<ByteString> {
  const { tree, parents, author, committer, encoding, message } = commit;
  const { stdout } = await git.run(
    [
      ...(encoding === undefined ? [] : ['-c', `i18n.commitEncoding=${encoding}`]),
      ...['commit-tree', '-S', ...parents.flatMap((parent) => ['-p', parent]), tree],
    ],
    { input: message, env: { ...identity('AUTHOR', author), ...identity('COMMITTER', committer) } },
  );
  return trimEnd(stdout);
}

/** What tells git a person and a time, from `NAME <EMAIL> SECONDS ZONE`. */
function identity(role: string, person: ByteString): Record<string, string> {
  const [, name = '', email = '', time = ''] = /^(.*?) ?<(.*)> (.*)$/s.exec(toText(person)) ?? [];
  return { [`GIT_${role}_NAME`]: name, [`GIT_${role}_EMAIL`]: email, [`GIT_${role}_DATE`]: `@${time}` };
}
