import { AnnexError } from '../../domain/errors.js';
import type { ByteString } from '../../lib/bytes.js';

/** An entry of one tree object. */
export interface TreeEntry {
  /** `100644`, `100755`, `120000`, `160000`, or `40000` for a tree. */
  readonly mode: ByteString;
  readonly name: ByteString;
  readonly sha: ByteString;
}

export const treeMode = '40000' as ByteString;
export const fileMode = '100644' as ByteString;

/**
 * The entries of a tree object: `MODE NAME NUL` and the raw object name, one after the other.
 * @param shaBytes length of an object name: 20 or 32
 */
export function parseTree(content: ByteString, shaBytes: number): TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(' ', at);
    const nul = content.indexOf('\0', space);
    const end = nul + 1 + shaBytes;
    if (space < 0 || nul < 0 || end > content.length)
      throw new AnnexError('git-failed', 'a git tree object is corrupt');
    entries.push({
      mode: content.slice(at, space) as ByteString,
      name: content.slice(space + 1, nul) as ByteString,
      sha: Buffer.from(content.slice(nul + 1, end), 'latin1').toString('hex') as ByteString,
    });
    at = end;
  }
  return entries;
}

/** The content of a tree object; entries in any order. */
export function buildTree(entries: Iterable<TreeEntry>): ByteString {
  const sorted = [...entries].map((entry) => ({ key: sortKey(entry), entry }));
  sorted.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  let content = '';
  for (const { entry } of sorted) {
    content += `${entry.mode} ${entry.name}\0${Buffer.from(entry.sha, 'hex').toString('latin1')}`;
  }
  return content as ByteString;
}

/** git sorts a folder as if its name ended in a slash. */
function sortKey(entry: TreeEntry): string {
  return entry.mode === treeMode ? `${entry.name}/` : entry.name;
}
