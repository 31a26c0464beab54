import type { AdjustedBranch } from '../../domain/adjusted-branch.js';
import { AnnexError } from '../../domain/errors.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import type { GitReport } from '../merge/git-report.js';
import type { MergeOptions } from '../merge/merge-ref.js';
import { contains } from '../sync/known-refs.js';
import { adjustTree } from './adjusted-tree.js';
import { readCommit, writeAdjustingCommit } from './commits.js';
import { propagate } from './propagate.js';
import { mergeApart } from './scratch-merge.js';
import { switchTree } from './switch-tree.js';

/**
 * Merges a ref into the original branch of the adjusted branch that is checked out, and has the adjusted branch follow.
 * The merge is made of what the branches have unadjusted, so that adjusting makes no conflicts.
 * @throws `merge-conflict` when conflicts are left; `git-failed` when uncommitted files are in the way. Then nothing but
 * the commits made before has travelled
 */
export async function mergeIntoAdjusted(
  repository: Repository,
  branch: AdjustedBranch,
  ref: ByteString,
  options: MergeOptions,
  report: GitReport,
): Promise<void> {
  const { git } = repository;
  const theirs = await commitOf(git, ref);
  const { basis } = await propagate(repository, branch);
  if (await contains(git, basis, theirs)) return;
  let merged = theirs;
  if (!(await contains(git, theirs, basis))) {
    report.output(`(Merging into ${branch.original}...) \n` as ByteString);
    merged = await mergeApart(repository, basis, ref, options, report).catch(explainLeft(branch));
  }
  report.output('(Merging into adjusted branch...) \n' as ByteString);
  await follow(repository, branch, basis, merged);
}

/** Has the adjusted branch and the original one be at a commit, and the work tree with them. */
async function follow(
  repository: Repository,
  branch: AdjustedBranch,
  basis: ByteString,
  to: ByteString,
): Promise<void> {
  const { git } = repository;
  const [tip, original, { tree }] = await Promise.all([
    git.resolve(branch.ref),
    git.resolve(branch.originalRef),
    readCommit(git, to),
  ]);
  if (tip === undefined) throw new AnnexError('git-failed', `${toText(branch.name)} is gone`);
  const adjusted = await adjustTree(repository, branch.adjustment, tree);
  const commit = await writeAdjustingCommit(git, to, adjusted);
  const others = [{ ref: branch.basisRef, from: basis, to }];
  if (await contains(git, to, original))
    others.push({ ref: branch.originalRef, from: original as ByteString, to });
  await switchTree(repository, branch, tip, commit, others, 'updating adjusted branch');
}

async function commitOf(git: Repository['git'], ref: ByteString): Promise<ByteString> {
  const commit = await git.resolve(`${ref}^{commit}`);
  if (commit === undefined)
    throw new AnnexError('git-failed', `merge: ${toText(ref)} - not something we can merge`);
  return commit;
}

/** Conflicts can't be left in a work tree that is not the user's. */
function explainLeft({ original }: AdjustedBranch): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof AnnexError) || error.code !== 'merge-conflict') throw error;
    throw new AnnexError('merge-conflict', error.message, {
      hint: `Merge and resolve them in ${toText(original)} (git checkout), then come back to the adjusted branch.`,
      cause: error,
    });
  };
}
