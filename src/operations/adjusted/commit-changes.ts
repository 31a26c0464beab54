import type { ByteString } from '../../lib/bytes.js';
import type { Git } from '../../repository/git/git.js';

/** What a commit did to a file. */
export interface FileChange {
  readonly path: ByteString;
  /** Undefined: it was deleted. */
  readonly now: { readonly mode: ByteString; readonly sha: ByteString } | undefined;
}

/** The changes of commits to their first parents, in the order given: one process for all. */
export async function* commitChanges(git: Git, commits: readonly ByteString[]): AsyncGenerator<FileChange[]> {
  const input = commits.map((sha) => `${sha}\n`).join('') as ByteString;
  const args = [
    'diff-tree',
    '--stdin',
    '--root',
    '--raw',
    '--always',
    '-r',
    '-z',
    '--no-renames',
    '--no-abbrev',
  ];
  let changes: FileChange[] | undefined;
  let now: FileChange['now'] | 'none' = 'none';
  for await (const record of git.records(args, '\0', { input })) {
    if (now !== 'none') {
      changes?.push({ path: record, now });
      now = 'none';
    } else if (record.startsWith(':')) {
      const [, mode = '', , sha = '', status] = record.split(' ');
      now = status === 'D' ? undefined : { mode: mode as ByteString, sha: sha as ByteString };
    } else {
      if (changes !== undefined) yield changes;
      changes = [];
    }
  }
  if (changes !== undefined) yield changes;
}
