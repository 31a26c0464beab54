import { unionMerge } from '../../domain/logs/union-merge.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Git } from '../git/git.js';
import { type ObjectSink, createObjectSink } from '../git/object-sink.js';
import { isTreePath, updateTree } from '../git/tree-update.js';
import type { BranchParts } from './branch-parts.js';
import { openBranchTree } from './branch-tree.js';
import { commitTree, moveBranch, treeOf, untilMoved } from './commit-tree.js';
import { ensureBranch } from './create-branch.js';

/** Contents of branch files that were never journalled. */
export interface DirectChanges {
  readonly contents: ReadonlyMap<ByteString, ByteString>;
  /** The commit they are based on. */
  readonly basis: ByteString | undefined;
}

/**
 * Commits all journal files to the branch and removes them. For the holder of the journal lock. Journal files go only
 * after the branch has moved: a process that dies in between leaves files whose content is committed already, and the
 * next commit finds nothing new in them.
 * @param message asked for only when a commit is made
 * @param direct contents to commit besides, in place of their journal files
 * @returns whether a commit was made
 */
export async function commitJournal(
  parts: BranchParts,
  message: () => Promise<ByteString>,
  direct: DirectChanges = { contents: new Map(), basis: undefined },
): Promise<boolean> {
  const { git, journal, index } = parts;
  const paths = [...journal.paths()].filter(isTreePath);
  if (paths.length === 0 && direct.contents.size === 0) return false;
  return untilMoved(async () => {
    const tip = await ensureBranch(parts);
    const base = await treeOf(git, tip);
    const sink = await createObjectSink(git);
    const changes = await stage(parts, sink, tip, paths, direct);
    const tree = await updateTree(git, sink, base, changes);
    if (tree !== base) {
      parts.onCommit?.();
      await sink.flush();
      const commit = await commitTree(git, tree, [tip], await message());
      if (!(await moveBranch(parts, tip, commit))) return 'again';
      await index.follow(commit, tip, changes);
    }
    for (const path of paths) if (changes.has(path)) journal.remove(path);
    return tree !== base;
  });
}

/**
 * Blobs of the new contents. One replaces the branch's file, unless a push changed that since the last commit made here:
 * then what was pushed is joined in, or it would be lost.
 */
async function stage(
  { git, journal, index }: BranchParts,
  sink: ObjectSink,
  tip: ByteString,
  paths: readonly ByteString[],
  direct: DirectChanges,
): Promise<Map<ByteString, ByteString>> {
  const changes = new Map<ByteString, ByteString>();
  const add = async (path: ByteString, content: ByteString, pushed: PushedContent): Promise<void> => {
    changes.set(path, sink.add('blob', unionMerge(content, (await pushed(path)) ?? content)));
    await sink.relieve();
  };
  const sinceBasis = await pushedSince(git, direct.basis, tip);
  for (const [path, content] of direct.contents) await add(path, content, sinceBasis);
  const sinceCommit = await pushedSince(git, index.basis(), tip);
  for (const path of paths) {
    const content = changes.has(path) ? undefined : journal.read(path);
    if (content !== undefined) await add(path, content, sinceCommit);
  }
  return changes;
}

/** The branch's content of a file that was pushed; undefined where it did not change. */
type PushedContent = (path: ByteString) => Promise<ByteString | undefined>;

async function pushedSince(git: Git, basis: ByteString | undefined, tip: ByteString): Promise<PushedContent> {
  if (basis === tip) return async () => undefined;
  const now = openBranchTree(git, tip, tip.length / 2);
  const known = basis !== undefined && (await git.object(basis))?.type === 'commit';
  const before = known ? openBranchTree(git, basis, basis.length / 2) : undefined;
  return async (path) => {
    const blob = await now.blob(path);
    return blob === undefined || blob === (await before?.blob(path)) ? undefined : now.content(path);
  };
}
