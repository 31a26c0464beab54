import type { AdjustedBranch } from '../../domain/adjusted-branch.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import { mayHaveChanged, noteRefreshed } from './adjust-log.js';
import { adjustTree } from './adjusted-tree.js';
import { readCommit, writeAdjustingCommit } from './commits.js';
import { propagate } from './propagate.js';
import { switchTree } from './switch-tree.js';

/**
 * Takes the commits of the adjusted branch that is checked out back to the original branch, and makes the adjusted branch
 * anew, so that it shows which contents are here now.
 * @returns whether the original branch has commits that the adjusted branch lacks; then nothing is made anew
 */
export async function refreshAdjusted(
  repository: Repository,
  branch: AdjustedBranch,
): Promise<{ readonly diverged: boolean }> {
  const { basis, diverged } = await propagate(repository, branch);
  if (diverged) return { diverged };
  await readjust(repository, branch, basis);
  if (branch.adjustment.presence !== undefined) await noteRefreshed(repository.annexDir);
  return { diverged };
}

async function readjust(repository: Repository, branch: AdjustedBranch, basis: ByteString): Promise<void> {
  const { git } = repository;
  const tip = await git.resolve(branch.ref);
  if (tip === undefined) return;
  const [{ tree: shown }, { tree }] = await Promise.all([readCommit(git, tip), readCommit(git, basis)]);
  const adjusted = await adjustTree(repository, branch.adjustment, tree);
  if (adjusted === shown) return;
  if (!mayHaveChanged(repository.annexDir) && !(await differ(git, shown, adjusted))) return;
  const commit = await writeAdjustingCommit(git, basis, adjusted);
  await switchTree(repository, branch, tip, commit, [], 'entering adjusted branch');
}

/** Whether trees differ in their files: folders without files, which a commit of the user's leaves out, do not count. */
async function differ(git: Repository['git'], one: ByteString, other: ByteString): Promise<boolean> {
  const { exitCode } = await git.run(['diff-tree', '-r', '--quiet', '--no-renames', one, other], {
    accept: [0, 1],
  });
  return exitCode !== 0;
}
