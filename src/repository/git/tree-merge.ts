import type { ByteString } from '../../lib/bytes.js';
import type { Git } from './git.js';
import type { ObjectSink } from './object-sink.js';
import { type TreeEntry, buildTree, treeMode } from './tree-object.js';
import { readTree } from './tree-update.js';

/** Gives the blob that a file becomes whose content differs in the two trees. */
export type MergeFiles = (path: ByteString, ours: ByteString, theirs: ByteString) => Promise<ByteString>;

/** Entries of one folder merged at once. */
const atOnce = 256;

/**
 * Joins two trees: what is in one only is taken as it is (whole folders without reading them), what is the same in both
 * stays, and files that differ become what `mergeFiles` says. Where one has a file and the other a folder of the same
 * name, ours stays. New trees go into the sink.
 * @returns the tree's sha: `ours` itself when theirs adds nothing
 */
export async function mergeTrees(
  git: Git,
  sink: ObjectSink,
  ours: ByteString,
  theirs: ByteString,
  mergeFiles: MergeFiles,
): Promise<ByteString> {
  return mergeFolder(git, sink, ours, theirs, '', mergeFiles);
}

async function mergeFolder(
  git: Git,
  sink: ObjectSink,
  ours: ByteString,
  theirs: ByteString,
  prefix: string,
  mergeFiles: MergeFiles,
): Promise<ByteString> {
  const [mine, other] = await Promise.all([
    readTree(git, ours, sink.shaBytes),
    readTree(git, theirs, sink.shaBytes),
  ]);
  const differing: [TreeEntry, TreeEntry][] = [];
  let changed = false;
  for (const entry of other.values()) {
    const present = mine.get(entry.name);
    if (present === undefined) {
      mine.set(entry.name, entry);
      changed = true;
    } else if (present.sha !== entry.sha && (present.mode === treeMode) === (entry.mode === treeMode)) {
      differing.push([present, entry]);
    }
  }
  const mergeEntry = async ([present, entry]: [TreeEntry, TreeEntry]): Promise<void> => {
    const path = `${prefix}${entry.name}`;
    const sha =
      entry.mode === treeMode
        ? await mergeFolder(git, sink, present.sha, entry.sha, `${path}/`, mergeFiles)
        : await mergeFiles(path as ByteString, present.sha, entry.sha);
    if (sha === present.sha) return;
    mine.set(entry.name, { ...present, sha });
    changed = true;
  };
  for (let start = 0; start < differing.length; start += atOnce) {
    await Promise.all(differing.slice(start, start + atOnce).map(mergeEntry));
    await sink.relieve();
  }
  return changed ? sink.add('tree', buildTree(mine.values())) : ours;
}
