import { reverseAdjustment } from '../../domain/adjust-file.js';
import { type AdjustedBranch, isAdjustingMessage } from '../../domain/adjusted-branch.js';
import { AnnexError } from '../../domain/errors.js';
import { buildGitCommit, type GitCommit } from '../../domain/git-commit.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import { createObjectSink, type ObjectSink } from '../../repository/git/object-sink.js';
import { updateTree } from '../../repository/git/tree-update.js';
import type { Repository } from '../../repository/repository.js';
import { contains } from '../sync/known-refs.js';
import { adjustFiles } from './adjusted-tree.js';
import { basisOf } from './basis.js';
import { readCommit, signedCommit, writeAdjustingCommit } from './commits.js';
import { type FileChange, commitChanges } from './commit-changes.js';
import { updateRefs } from './update-refs.js';

type Part = Pick<Repository, 'git' | 'objects'>;

/** Where an adjusted branch is after its commits were taken back to the original one. */
export interface Propagated {
  /** The commit it is based on now, with all that was committed in the adjusted branch. */
  readonly basis: ByteString;
  /** Whether the original branch has commits that the adjusted branch lacks; then it is left where it is. */
  readonly diverged: boolean;
}

/**
 * Takes what was committed in an adjusted branch back to the original branch, commit by commit and with the same people,
 * dates and messages, as if it had been committed there. The adjusted branch then follows the new commits; its tree, and
 * so the work tree, stays as it is.
 * @throws `git-failed` for a merge commit, which can't be taken back
 */
export async function propagate(repository: Part, branch: AdjustedBranch): Promise<Propagated> {
  const { git } = repository;
  const basis = await basisOf(git, branch);
  const tip = await git.resolve(branch.ref);
  const original = await git.resolve(branch.originalRef);
  const commits = tip === undefined ? [] : await ownCommits(repository, branch, basis);
  if (tip === undefined || commits.length === 0) {
    const diverged = !(await contains(git, basis, original));
    // A sync of git-annex that was cut off may have left the original branch behind.
    if (!diverged) {
      await updateRefs(git, [{ ref: branch.originalRef, from: original, to: basis }], reflogMessage);
    }
    return { basis, diverged };
  }
  const last = await replay(repository, branch, basis, commits);
  const diverged = !(await contains(git, last, original));
  const { tree } = await readCommit(git, tip);
  const rebased = await writeAdjustingCommit(git, last, tree);
  const changes = [
    { ref: branch.basisRef, from: basis, to: last },
    { ref: branch.ref, from: tip, to: rebased },
    ...(diverged ? [] : [{ ref: branch.originalRef, from: original, to: last }]),
  ];
  await updateRefs(git, changes, reflogMessage);
  return { basis: last, diverged };
}

const reflogMessage = 'rebasing adjusted branch on top of updated original branch';

interface OwnCommit {
  readonly sha: ByteString;
  readonly commit: GitCommit;
}

/** The commits made in the adjusted branch, oldest first. */
async function ownCommits({ git }: Part, branch: AdjustedBranch, basis: ByteString): Promise<OwnCommit[]> {
  const { ref } = branch;
  const commits: OwnCommit[] = [];
  const list = ['rev-list', '--reverse', '--topo-order', `${basis}..${ref}`, '--'];
  for await (const sha of git.records(list, '\n')) {
    const commit = await readCommit(git, sha);
    if (isAdjustingMessage(commit.message)) continue;
    if (commit.parents.length > 1) throw await mergedByHand(git, branch, basis);
    commits.push({ sha, commit });
  }
  return commits;
}

/** Tells how to get out of a `git merge` in the adjusted branch itself; one that was merged has merges of its own. */
async function mergedByHand(
  git: Part['git'],
  { ref, originalRef }: AdjustedBranch,
  basis: ByteString,
): Promise<AnnexError> {
  const list = ['rev-list', '--reverse', '--first-parent', `${basis}..${ref}`, '--'];
  const { stdout } = await git.run(list);
  const own = stdout.trimEnd().split('\n');
  const parents = await Promise.all(
    own.map(async (sha) => (await readCommit(git, sha as ByteString)).parents),
  );
  const at = parents.findIndex(({ length }) => length > 1);
  const back = `Undo that merge (git reset --keep ${parents[at]?.[0]}), then merge with git-annex-ts merge.`;
  const later = at < own.length - 1 ? ` Later commits: git cherry-pick ${own[at]}..${own.at(-1)}.` : '';
  return new AnnexError(
    'git-failed',
    `unable to propagate merge commit ${own[at]} back to ${toText(originalRef)}`,
    { hint: `${back}${later}` },
  );
}

/** Does on the original branch what the commits did on the adjusted one; gives the last new commit. */
async function replay(
  repository: Part,
  { adjustment }: AdjustedBranch,
  basis: ByteString,
  commits: readonly OwnCommit[],
): Promise<ByteString> {
  const sink = await createObjectSink(repository.git);
  const reverse = reverseAdjustment(adjustment);
  let parent = basis;
  let { tree } = await readCommit(repository.git, basis);
  let index = 0;
  for await (const changes of commitChanges(
    repository.git,
    commits.map(({ sha }) => sha),
  )) {
    const { commit } = commits[index++] as OwnCommit;
    const reversed = await reverseChanges(repository, sink, reverse, changes);
    tree = reversed.size === 0 ? tree : await updateTree(repository.git, sink, tree, reversed);
    const { author, committer, encoding, message } = commit;
    const copy = { tree, parents: [parent], author, committer, encoding, message: completeLine(message) };
    const { signs } = repository.git;
    if (!signs) parent = sink.add('commit', buildGitCommit(copy));
    // The next commit, and who signs this one, read its trees.
    await sink.flush();
    if (signs) parent = await signedCommit(repository.git, copy);
  }
  return parent;
}

type Reversed = Map<ByteString, { mode: ByteString; sha: ByteString } | undefined>;

async function reverseChanges(
  repository: Part,
  sink: ObjectSink,
  reverse: ReturnType<typeof reverseAdjustment>,
  changes: readonly FileChange[],
): Promise<Reversed> {
  const files = changes.flatMap(({ path, now }) => (now === undefined ? [] : [{ ...now, path }]));
  const answers = await adjustFiles(repository, sink, reverse, files);
  const becomes = new Map(files.map(({ path }, i) => [path, answers[i]]));
  return new Map(
    changes.map(({ path, now }) => {
      const changed = becomes.get(path);
      return [path, typeof changed === 'object' ? changed : now];
    }),
  );
}

function completeLine(message: ByteString): ByteString {
  return message === '' || message.endsWith('\n') ? message : (`${message}\n` as ByteString);
}
