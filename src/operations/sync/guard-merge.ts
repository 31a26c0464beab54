import { AnnexError } from '../../domain/errors.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import { type DeletionLimit, exceedsLimit, limitText } from '../../planning/deletion-limit.js';
import type { Git } from '../../repository/git/git.js';

/**
 * Refuses a merge that would delete more files of a branch than the user allows. Without a limit nothing is refused: a
 * merged deletion was committed by somebody, and git keeps what it deletes.
 * @param ours the branch that is merged into; `theirs` what is merged
 * @throws `too-many-deletions`
 */
export async function guardMerge(
  git: Git,
  ours: ByteString,
  theirs: ByteString,
  limit: DeletionLimit | undefined,
): Promise<void> {
  if (limit === undefined) return;
  const tip = await git.resolve(ours);
  if (tip === undefined) return;
  const gone = await deletedSince(git, tip, theirs);
  if (gone.size === 0) return;
  let [deleted, total] = [0, 0];
  for await (const path of git.records(['ls-tree', '-r', '-z', '--name-only', tip], '\0')) {
    total++;
    if (gone.has(path)) deleted++;
  }
  if (!exceedsLimit(deleted, total, limit)) return;
  throw new AnnexError(
    'too-many-deletions',
    `not merged: ${deleted} of ${total} files would be deleted, more than ${limitText(limit)} allows`,
    {
      hint: `See them with \`git diff --diff-filter=D --stat ...${toText(theirs)}\`, then raise --max-delete (git config annex-ts.max-delete) if it is right.`,
    },
  );
}

/** Files that `theirs` has deleted, and not only renamed, since it parted from `tip`; none where they have no common past. */
async function deletedSince(git: Git, tip: ByteString, theirs: ByteString): Promise<ReadonlySet<ByteString>> {
  const gone = new Set<ByteString>();
  const { exitCode, stdout } = await git.run(['merge-base', tip, theirs], { accept: 'any' });
  const [base] = stdout.split('\n') as ByteString[];
  if (exitCode !== 0 || base === undefined) return gone;
  const diff = ['diff-tree', '-r', '-z', '-M100%', '--diff-filter=D', '--name-only', base, theirs];
  for await (const path of git.records(diff, '\0')) gone.add(path);
  return gone;
}
