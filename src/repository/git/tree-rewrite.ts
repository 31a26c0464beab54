import type { ByteString } from '../../lib/bytes.js';
import type { Git, GitEntry } from './git.js';
import type { ObjectSink } from './object-sink.js';
import { type TreeEntry, buildTree, treeMode } from './tree-object.js';

/** What a file of a tree becomes. */
export type Rewritten = 'kept' | 'removed' | { readonly mode: ByteString; readonly sha: ByteString };

/** Decides for files in the order of the tree; gives as many answers as there are files. */
export type RewriteFiles = (files: readonly GitEntry[]) => Promise<readonly Rewritten[]>;

/** Entries decided at once. */
const atOnce = 4096;

interface OpenFolder {
  readonly name: ByteString;
  /** Ends in a slash; empty at the top. */
  readonly prefix: string;
  readonly sha: ByteString;
  readonly entries: TreeEntry[];
  changed: boolean;
}

/**
 * Makes a tree from another one by changing or removing files, however many, with one process that lists them. Folders
 * in which nothing changes are taken as they are; one whose files are all removed stays, empty, as git-annex leaves it.
 * @param wanted the files to decide on; the others are kept
 * @returns the new tree's sha; its trees are in the sink
 */
export async function rewriteTree(
  git: Git,
  sink: ObjectSink,
  tree: ByteString,
  wanted: (mode: ByteString) => boolean,
  rewrite: RewriteFiles,
): Promise<ByteString> {
  const open: OpenFolder[] = [{ name: '' as ByteString, prefix: '', sha: tree, entries: [], changed: false }];
  const top = (): OpenFolder => open[open.length - 1] as OpenFolder;
  const closeFolder = (): ByteString => {
    const { name, sha, entries, changed } = open.pop() as OpenFolder;
    const made = changed ? sink.add('tree', buildTree(entries)) : sha;
    const parent = open.at(-1);
    parent?.entries.push({ mode: treeMode, name, sha: made });
    if (parent !== undefined && made !== sha) parent.changed = true;
    return made;
  };
  const take = ({ mode, sha, path }: GitEntry, becomes: Rewritten): void => {
    while (!path.startsWith(top().prefix)) closeFolder();
    const folder = top();
    const name = path.slice(folder.prefix.length) as ByteString;
    if (mode === '040000') open.push({ name, prefix: `${path}/`, sha, entries: [], changed: false });
    else if (becomes === 'kept') folder.entries.push({ mode, name, sha });
    else {
      folder.changed = true;
      if (becomes !== 'removed') folder.entries.push({ ...becomes, name });
    }
  };
  for await (const entries of batches(git, tree)) {
    const decided = entries.filter(({ mode }) => wanted(mode));
    const answers = decided.length === 0 ? [] : await rewrite(decided);
    let next = 0;
    for (const entry of entries) take(entry, wanted(entry.mode) ? (answers[next++] ?? 'kept') : 'kept');
    await sink.relieve();
  }
  while (open.length > 1) closeFolder();
  return closeFolder();
}

async function* batches(git: Git, tree: ByteString): AsyncGenerator<GitEntry[]> {
  let entries: GitEntry[] = [];
  for await (const record of git.records(['ls-tree', '-r', '-t', '-z', '--full-tree', tree], '\0')) {
    const tab = record.indexOf('\t');
    const [mode = '', , sha = ''] = record.slice(0, tab).split(' ');
    entries.push({
      mode: mode as ByteString,
      sha: sha as ByteString,
      path: record.slice(tab + 1) as ByteString,
    });
    if (entries.length < atOnce) continue;
    yield entries;
    entries = [];
  }
  yield entries;
}
