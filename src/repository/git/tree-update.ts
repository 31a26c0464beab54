import { AnnexError } from '../../domain/errors.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Git } from './git.js';
import type { ObjectSink } from './object-sink.js';
import { type TreeEntry, buildTree, fileMode, parseTree, treeMode } from './tree-object.js';

/** A new blob by its name, as a plain file or of another kind; undefined removes the file. */
type NewFile = ByteString | Pick<TreeEntry, 'mode' | 'sha'> | undefined;

/** New blobs, as plain files, by path; undefined removes the file. */
export type TreeChanges = ReadonlyMap<ByteString, ByteString | undefined>;

interface Folder {
  readonly files: Map<ByteString, NewFile>;
  readonly folders: Map<ByteString, Folder>;
}

/** Folders changed at once; each reads one tree and waits for those below it. */
const atOnce = 256;

/**
 * Makes the tree that differs from `base` by the changes. Only the trees on the way to a change are read and written;
 * folders that become empty vanish. New trees go into the sink.
 * @param base a tree's sha; undefined for the empty tree
 * @returns the new tree's sha
 */
export async function updateTree(
  git: Git,
  sink: ObjectSink,
  base: ByteString | undefined,
  changes: ReadonlyMap<ByteString, NewFile>,
): Promise<ByteString> {
  const root = await updateFolder(git, sink, base, gather(changes));
  return root ?? sink.add('tree', '' as ByteString);
}

/** Whether a path can be in a tree: no empty, `.`, `..` or `.git` part, no NUL. */
export function isTreePath(path: string): boolean {
  return (
    !path.includes('\0') &&
    path.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && part !== '.git')
  );
}

function gather(changes: ReadonlyMap<ByteString, NewFile>): Folder {
  const root: Folder = { files: new Map(), folders: new Map() };
  for (const [path, sha] of changes) {
    if (!isTreePath(path))
      throw new AnnexError('internal', `not a path of a git tree: ${JSON.stringify(path)}`);
    const parts = path.split('/') as ByteString[];
    const name = parts.pop() as ByteString;
    let folder = root;
    for (const part of parts) {
      const next: Folder = folder.folders.get(part) ?? { files: new Map(), folders: new Map() };
      folder.folders.set(part, next);
      folder = next;
    }
    folder.files.set(name, sha);
  }
  return root;
}

/** The new tree's sha; undefined when nothing is left in it. */
async function updateFolder(
  git: Git,
  sink: ObjectSink,
  base: ByteString | undefined,
  folder: Folder,
): Promise<ByteString | undefined> {
  const entries =
    base === undefined ? new Map<ByteString, TreeEntry>() : await readTree(git, base, sink.shaBytes);
  for (const [name, file] of folder.files) {
    if (file === undefined) entries.delete(name);
    else if (typeof file === 'string') entries.set(name, { mode: fileMode, name, sha: file });
    else entries.set(name, { ...file, name });
  }
  const below = [...folder.folders];
  for (let start = 0; start < below.length; start += atOnce) {
    const some = below.slice(start, start + atOnce);
    const shas = await Promise.all(
      some.map(([name, next]) => {
        const present = entries.get(name);
        return updateFolder(git, sink, present?.mode === treeMode ? present.sha : undefined, next);
      }),
    );
    some.forEach(([name], i) => {
      const sha = shas[i];
      if (sha === undefined) removeFolder(entries, name);
      else entries.set(name, { mode: treeMode, name, sha });
    });
    await sink.relieve();
  }
  return entries.size === 0 ? undefined : sink.add('tree', buildTree(entries.values()));
}

function removeFolder(entries: Map<ByteString, TreeEntry>, name: ByteString): void {
  if (entries.get(name)?.mode === treeMode) entries.delete(name);
}

/** The entries of a tree by name. */
export async function readTree(
  git: Git,
  sha: ByteString,
  shaBytes: number,
): Promise<Map<ByteString, TreeEntry>> {
  const object = await git.object(sha);
  if (object?.type !== 'tree') throw new AnnexError('git-failed', `git tree ${sha} is missing or corrupt`);
  return new Map(parseTree(object.content, shaBytes).map((entry) => [entry.name, entry]));
}
