import { AnnexError } from '../../domain/errors.js';
import { type Transition, parseTransitions, transitionsPath } from '../../domain/logs/transitions-log.js';
import { unionMerge } from '../../domain/logs/union-merge.js';
import type { ByteString } from '../../lib/bytes.js';
import { createObjectSink } from '../git/object-sink.js';
import { mergeTrees } from '../git/tree-merge.js';
import type { BranchParts } from './branch-parts.js';
import { branchRef } from './branch-parts.js';
import { openBranchTree } from './branch-tree.js';
import { commitJournal } from './commit-journal.js';
import { commitTree, moveBranch, treeOf, untilMoved } from './commit-tree.js';
import { ensureBranch } from './create-branch.js';
import { forgetDeadRepositories } from './forget-dead.js';
import {
  type SeenRef,
  addIgnoredRefs,
  readIgnoredRefs,
  readMergedRefs,
  writeMergedRefs,
} from './merged-refs.js';
import { describeTransitions, joinTransitions, knowsAll } from './transitions.js';

/** A branch to merge, its name as git-annex shows it. */
interface Source extends SeenRef {
  readonly shown: ByteString;
}

const pattern = 'refs/**/git-annex';

/**
 * Refs named `git-annex` whose commits are not known to be merged: of remotes, `synced/git-annex`, and any other, as
 * git-annex finds them with `show-ref git-annex`.
 */
export async function findUnmerged({
  git,
  annexDir,
}: Pick<BranchParts, 'git' | 'annexDir'>): Promise<SeenRef[]> {
  const refs = await git.refs(pattern);
  const local = refs.find(({ name }) => name === branchRef)?.sha;
  const known = new Set<ByteString>(readIgnoredRefs(annexDir));
  for (const { sha } of readMergedRefs(annexDir)) known.add(sha);
  if (local === undefined) return refs.filter(({ sha }) => !known.has(sha));
  return refs.filter(({ name, sha }) => name !== branchRef && sha !== local && !known.has(sha));
}

/**
 * Merges all git-annex branches that have something new into the local one, which is made when missing. The journal is
 * committed first. Fast-forwards where possible; a merge that would change nothing makes no commit. For the holder of
 * the journal lock.
 */
export async function mergeBranches(
  parts: BranchParts,
  journalMessage: () => Promise<ByteString>,
): Promise<void> {
  const { git, annexDir } = parts;
  const seen = await git.refs(pattern);
  await untilMoved(async () => {
    const tip = await ensureBranch(parts);
    const sources = await findSources(parts, tip);
    if (sources.length === 0) return 'done';
    if (await commitJournal(parts, journalMessage)) return 'again';
    parts.onMerge?.(sources.map(({ shown }) => shown));
    return mergeSources(parts, tip, sources);
  });
  writeMergedRefs(annexDir, seen);
}

/** Refs that are no ancestors of the branch, each commit once. */
async function findSources({ git, annexDir }: BranchParts, tip: ByteString): Promise<Source[]> {
  const ignored = readIgnoredRefs(annexDir);
  const sources = new Map<ByteString, Source>();
  const args = [
    'for-each-ref',
    '--format=%(objectname) %(objecttype) %(refname)',
    `--no-merged=${tip}`,
    pattern,
  ];
  for await (const line of git.records(args, '\n')) {
    const [sha, type, name] = line.split(' ') as ByteString[];
    if (sha === undefined || name === undefined || type !== 'commit' || ignored.has(sha) || sources.has(sha))
      continue;
    sources.set(sha, { sha, name, shown: name.replace(/^refs\/(?:heads|remotes)\//, '') as ByteString });
  }
  return [...sources.values()];
}

async function mergeSources(
  parts: BranchParts,
  tip: ByteString,
  sources: readonly Source[],
): Promise<'done' | 'again'> {
  const { git, index, annexDir } = parts;
  const commits = [tip, ...sources.map(({ sha }) => sha)];
  const logs = await Promise.all(commits.map((sha) => readTransitions(parts, sha)));
  const all = joinTransitions(logs);
  const behind = commits.filter((_, i) => !knowsAll(logs[i] ?? [], all));

  if (behind.length === 0) {
    const newest = await findNewest(parts, tip, sources);
    if (newest !== undefined) {
      if (!(await moveBranch(parts, tip, newest))) return 'again';
      await index.followMerge(newest);
      return 'done';
    }
  }
  const { tree, base } = await joinTrees(parts, tip, sources, behind.length > 0 && all.some(isAboutDead));
  if (behind.length === 0) {
    if (tree === base) return 'done';
    const names = sources.map(({ shown }) => shown).join(' ');
    const message = `merging ${names} into git-annex\n` as ByteString;
    return finish(parts, tip, tree, commits, message);
  }
  const parents = commits.filter((sha) => !behind.includes(sha));
  const described = describeTransitions(all);
  const result =
    (await findSame(parts, tree, parents)) ??
    (await commitTree(
      git,
      tree,
      parents,
      `${parents.length === 0 ? 'new branch for transition' : 'continuing transition'} ${described}\n` as ByteString,
    ));
  if (result !== tip) {
    parts.onCommit?.();
    await index.prepare(result);
    if (!(await moveBranch(parts, tip, result))) return 'again';
    await index.finish(result);
  }
  addIgnoredRefs(annexDir, behind);
  return 'done';
}

async function readTransitions({ git }: BranchParts, commit: ByteString): Promise<readonly Transition[]> {
  const { list, unknown } = parseTransitions(
    await openBranchTree(git, commit, commit.length / 2).content(transitionsPath),
  );
  if (!unknown) return list;
  throw new AnnexError(
    'unsupported-repository',
    'A git-annex branch was changed in a way that only a newer version knows.',
    {
      hint: 'Upgrade git-annex-ts.',
    },
  );
}

const isAboutDead = ({ name }: { name: string }): boolean => name === 'ForgetDeadRemotes';

/** A commit among the sources that has all others and the branch in its history. */
async function findNewest(
  { git }: BranchParts,
  tip: ByteString,
  sources: readonly Source[],
): Promise<ByteString | undefined> {
  const all = [tip, ...sources.map(({ sha }) => sha)];
  for (const { sha } of sources) {
    const others = all.filter((other) => other !== sha);
    const { stdout } = await git.run(['rev-list', '--max-count=1', ...others, `^${sha}`]);
    if (stdout === '') return sha;
  }
  return undefined;
}

/** The only parent, when its tree is the new tree already: no commit is needed then. */
async function findSame(
  { git }: BranchParts,
  tree: ByteString,
  parents: readonly ByteString[],
): Promise<ByteString | undefined> {
  const [only, ...more] = parents;
  return only !== undefined && more.length === 0 && (await treeOf(git, only)) === tree ? only : undefined;
}

async function joinTrees(
  parts: BranchParts,
  tip: ByteString,
  sources: readonly Source[],
  forgetDead: boolean,
): Promise<{ tree: ByteString; base: ByteString }> {
  const { git } = parts;
  const base = await treeOf(git, tip);
  const sink = await createObjectSink(git);
  let tree = base;
  // From the last to the first, as git-annex: it shows in the order of lines.
  for (const { sha } of [...sources].reverse()) {
    tree = await mergeTrees(git, sink, tree, await treeOf(git, sha), async (_path, ours, theirs) => {
      const [one, two] = await Promise.all([git.object(ours), git.object(theirs)]);
      if (one?.type !== 'blob' || two?.type !== 'blob') {
        throw new AnnexError('git-failed', 'an object of a git-annex branch is missing or corrupt', {
          hint: 'Run: git fsck',
        });
      }
      const content = unionMerge(one.content, two.content);
      return content === one.content ? ours : sink.add('blob', content);
    });
    // The next round reads what this one made.
    await sink.flush();
  }
  if (forgetDead) tree = await forgetDeadRepositories(git, sink, tree);
  await sink.flush();
  return { tree, base };
}

async function finish(
  parts: BranchParts,
  tip: ByteString,
  tree: ByteString,
  parents: readonly ByteString[],
  message: ByteString,
): Promise<'done' | 'again'> {
  parts.onCommit?.();
  const commit = await commitTree(parts.git, tree, parents, message);
  if (!(await moveBranch(parts, tip, commit))) return 'again';
  await parts.index.followMerge(commit);
  return 'done';
}

/** Performs transitions here that are in the journal or the branch's log but newer than the branch's history. */
export async function performTransition(parts: BranchParts): Promise<void> {
  const { git, index, annexDir } = parts;
  await untilMoved(async () => {
    const tip = await ensureBranch(parts);
    const log = await readTransitions(parts, tip);
    const { tree } = await joinTrees(parts, tip, [], log.some(isAboutDead));
    const message = `new branch for transition ${describeTransitions(log)}\n` as ByteString;
    const commit = await commitTree(git, tree, [], message);
    await index.prepare(commit);
    if (!(await moveBranch(parts, tip, commit))) return 'again';
    await index.finish(commit);
    addIgnoredRefs(annexDir, [tip]);
    return 'done';
  });
}
