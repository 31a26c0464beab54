import { unionMerge } from '../../domain/logs/union-merge.js';
import type { ByteString } from '../../lib/bytes.js';
import { type ObjectSink, createObjectSink } from '../git/object-sink.js';
import { isTreePath, updateTree } from '../git/tree-update.js';
import type { BranchParts } from './branch-parts.js';
import { openBranchTree } from './branch-tree.js';
import { commitTree, moveBranch, treeOf, untilMoved } from './commit-tree.js';
import { ensureBranch } from './create-branch.js';

/**
 * Commits all journal files to the branch and removes them. For the holder of the journal lock. Journal files go only
 * after the branch has moved: a process that dies in between leaves files whose content is committed already, and the
 * next commit finds nothing new in them.
 * @returns whether a commit was made
 */
export async function commitJournal(parts: BranchParts, message: ByteString): Promise<boolean> {
  const { git, journal, index } = parts;
  const paths = [...journal.paths()].filter(isTreePath);
  if (paths.length === 0) return false;
  return untilMoved(async () => {
    const tip = await ensureBranch(parts);
    const base = await treeOf(git, tip);
    const sink = await createObjectSink(git);
    const changes = await stage(parts, sink, tip, paths);
    const tree = await updateTree(git, sink, base, changes);
    if (tree !== base) {
      parts.onCommit?.();
      await sink.flush();
      const commit = await commitTree(git, tree, [tip], message);
      if (!(await moveBranch(parts, tip, commit))) return 'again';
      await index.follow(commit, tip, changes);
    }
    for (const path of changes.keys()) journal.remove(path);
    return tree !== base;
  });
}

/**
 * Blobs of the journal files. A journal file replaces the branch's file, unless a push changed that since the last
 * commit made here: then what was pushed is joined in, or it would be lost.
 */
async function stage(
  { git, journal, index }: BranchParts,
  sink: ObjectSink,
  tip: ByteString,
  paths: readonly ByteString[],
): Promise<Map<ByteString, ByteString>> {
  const changes = new Map<ByteString, ByteString>();
  const basis = index.basis();
  const tree = basis === tip ? undefined : openBranchTree(git, tip, sink.shaBytes);
  const known = basis !== undefined && (await git.object(basis))?.type === 'commit';
  const before = tree !== undefined && known ? openBranchTree(git, basis, sink.shaBytes) : undefined;
  for (const path of paths) {
    let content = journal.read(path);
    if (content === undefined) continue;
    if (tree !== undefined) {
      const pushed = await tree.blob(path);
      if (pushed !== undefined && pushed !== (await before?.blob(path))) {
        const theirs = await tree.content(path);
        content = unionMerge(content, theirs);
      }
    }
    changes.set(path, sink.add('blob', content));
    await sink.relieve();
  }
  return changes;
}
