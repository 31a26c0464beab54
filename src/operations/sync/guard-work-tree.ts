import { readFileSync, readdirSync } from 'node:fs';
import { AnnexError } from '../../domain/errors.js';
import { fromBuffer, toPath } from '../../lib/buffers.js';
import { ascii, type ByteString, toText } from '../../lib/bytes.js';
import { type DeletionLimit, exceedsLimit, limitText, looksEmptied } from '../../planning/deletion-limit.js';
import { splitWords } from '../../lib/words.js';
import type { Git } from '../../repository/git/git.js';
import type { Repository } from '../../repository/repository.js';

const override = 'If it is meant, say so with --max-delete=100%, or commit it with git.';

/**
 * Refuses a commit that would delete suspiciously much: all or nearly all files, those of a folder on a drive that is not
 * mounted, or more than the user allows.
 * @param limit the user's; it stands for what is suspicious otherwise
 * @throws `too-many-deletions`, `not-mounted`
 */
export async function guardWorkTree(
  { git, location }: Pick<Repository, 'git' | 'location'>,
  limit: DeletionLimit | undefined,
  mountTable: ByteString = ascii('/etc/fstab'),
): Promise<void> {
  const missing = await listed(git, ['ls-files', '-z', '--deleted']);
  if (missing.size > 0 && location.workTree !== undefined) {
    guardMounts(location.workTree, missing, mountPoints(mountTable));
  }
  if (limit === undefined) {
    if (missing.size === 0) return;
    const tracked = (await listed(git, ['ls-files', '-z'])).size;
    if (looksEmptied(missing.size, tracked)) throw emptied(missing.size, tracked);
    return;
  }
  const head = await git.resolve('HEAD');
  if (head === undefined) return;
  const gone = await listed(git, ['diff-index', '-z', '--name-only', '-M100%', '--diff-filter=D', head]);
  const before = gone.size === 0 ? gone : await listed(git, ['ls-tree', '-r', '-z', '--name-only', head]);
  if (!exceedsLimit(gone.size, before.size, limit)) return;
  throw new AnnexError(
    'too-many-deletions',
    `not committed: ${gone.size} of ${before.size} files would be deleted, more than ${limitText(limit)} allows`,
    {
      hint: 'Bring the files back (`git checkout -- .`), or raise --max-delete (git config annex-ts.max-delete).',
    },
  );
}

function emptied(missing: number, tracked: number): AnnexError {
  const what = missing >= tracked ? `all ${tracked}` : `${missing} of ${tracked}`;
  return new AnnexError('too-many-deletions', `not committed: ${what} files are gone from the work tree`, {
    hint: `Is its drive mounted? \`git checkout -- .\` brings the files back. ${override}`,
  });
}

async function listed(git: Git, args: readonly (string | ByteString)[]): Promise<ReadonlySet<ByteString>> {
  const paths = new Set<ByteString>();
  for await (const path of git.records(args, '\0')) paths.add(path);
  return paths;
}

/** Folders that a drive belongs at and that are empty, while git knows files below them. */
function guardMounts(top: ByteString, missing: ReadonlySet<ByteString>, points: readonly ByteString[]): void {
  for (const point of points) {
    if (point !== top && !point.startsWith(`${top}/`)) continue;
    const below = point === top ? '' : `${point.slice(top.length + 1)}/`;
    const count = [...missing].filter((path) => path.startsWith(below)).length;
    if (count === 0 || !isEmpty(point)) continue;
    throw new AnnexError(
      'not-mounted',
      `not committed: ${count} files are gone, and ${toText(point)}, where a drive belongs, is empty`,
      { hint: `Mount it (\`mount ${toText(point)}\`) and sync again.` },
    );
  }
}

/** Whether a folder is there and has nothing in it. */
export function isEmpty(folder: ByteString): boolean {
  try {
    return readdirSync(toPath(folder)).length === 0;
  } catch {
    return false;
  }
}

/** The mount points of a table in the format of fstab(5); white space in them is written as octal escapes. */
function mountPoints(table: ByteString): ByteString[] {
  try {
    return fromBuffer(readFileSync(toPath(table)))
      .split('\n')
      .filter((line) => !line.startsWith('#'))
      .flatMap((line) => splitWords(line as ByteString)[1] ?? [])
      .map((point) =>
        point.replace(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8))),
      ) as ByteString[];
  } catch {
    return [];
  }
}
