import type { ByteString } from '../../lib/bytes.js';
import type { Git } from '../git/git.js';
import { type TreeEntry, treeMode } from '../git/tree-object.js';
import { readTree } from '../git/tree-update.js';

/** Finds files in the tree of a commit by path, reading only the trees on the way, each once. */
export interface BranchTree {
  /** The blob at a path; undefined when there is none. */
  blob(path: ByteString): Promise<ByteString | undefined>;
  /** The content at a path; empty when there is no such file. */
  content(path: ByteString): Promise<ByteString>;
}

/** Entries kept of trees read, about a hundred bytes each. */
const mostKept = 60_000;

/**
 * @param treeish names the root tree: a commit's or a tree's sha
 * @param shaBytes length of an object name
 */
export function openBranchTree(git: Git, treeish: ByteString, shaBytes: number): BranchTree {
  const known = new Map<string, Promise<Map<ByteString, TreeEntry>>>();
  let kept = 0;

  const folder = (path: string, sha: ByteString): Promise<Map<ByteString, TreeEntry>> => {
    const present = known.get(path);
    if (present !== undefined) return present;
    const reading = readTree(git, sha, shaBytes);
    // Below two levels each folder is asked for about once.
    if (path.split('/').length > 1) return reading;
    known.set(path, reading);
    void reading.then(
      (entries) => {
        kept += entries.size;
        if (kept > mostKept) forgetAllButRoot();
      },
      () => known.delete(path),
    );
    return reading;
  };
  const forgetAllButRoot = (): void => {
    const root = known.get('');
    known.clear();
    kept = 0;
    if (root !== undefined) known.set('', root);
  };

  const blob = async (path: ByteString): Promise<ByteString | undefined> => {
    let entries = await folder('', `${treeish}^{tree}` as ByteString);
    for (let start = 0; ; ) {
      const slash = path.indexOf('/', start);
      const entry = entries.get((slash < 0 ? path.slice(start) : path.slice(start, slash)) as ByteString);
      if (entry === undefined || (entry.mode === treeMode) !== slash >= 0) return undefined;
      if (slash < 0) return entry.sha;
      entries = await folder(path.slice(0, slash), entry.sha);
      start = slash + 1;
    }
  };
  /** One question for git: it finds the way below the first folder quicker than trees can be read here. */
  const contentName = async (path: ByteString): Promise<ByteString | undefined> => {
    const slash = path.indexOf('/');
    // What begins with a dot git takes for a path relative to the current folder.
    if (slash < 0 || path[slash + 1] === '.') return blob(path);
    const root = await folder('', `${treeish}^{tree}` as ByteString);
    const entry = root.get(path.slice(0, slash) as ByteString);
    if (entry?.mode !== treeMode) return undefined;
    return `${entry.sha}:${path.slice(slash + 1)}` as ByteString;
  };
  return {
    blob,
    async content(path) {
      const name = await contentName(path);
      const object = name === undefined ? undefined : await git.object(name);
      return object?.type === 'blob' ? object.content : ('' as ByteString);
    },
  };
}
