import type { AdjustedBranch } from '../../domain/adjusted-branch.js';
import { AnnexError } from '../../domain/errors.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import { fillAfterCheckout } from '../git-filters/fill-after-checkout.js';
import { adjustTree } from './adjusted-tree.js';
import { readCommit, writeAdjustingCommit } from './commits.js';
import {
  forgetSwitch,
  headRef,
  interruption,
  isSwitching,
  rememberSwitch,
  wasCutOff,
} from './interrupted-switch.js';
import { checkOut } from './own-checkout.js';
import { updateRefs } from './update-refs.js';

/**
 * Makes an adjusted branch and checks it out.
 * @param overwrite whether a branch of that name, which may have commits of its own, is replaced
 * @returns what git said
 * @throws `git-failed` when it is there already, or uncommitted changes are in the way; then nothing has changed
 */
export async function enterAdjusted(
  repository: Repository,
  branch: AdjustedBranch,
  overwrite: boolean,
): Promise<string> {
  const { git } = repository;
  const basis = await git.resolve(branch.originalRef);
  if (basis === undefined) throw new AnnexError('git-failed', 'not on any branch!');
  const existing = await git.resolve(branch.ref);
  if (existing !== undefined && !overwrite) throw alreadyThere(branch);
  const before = await git.resolve(branch.basisRef);
  const { tree } = await readCommit(git, basis);
  const adjusted = await adjustTree(repository, branch.adjustment, tree);
  const commit = await writeAdjustingCommit(git, basis, adjusted);
  const changes = [
    { ref: branch.basisRef, from: before, to: basis },
    { ref: branch.ref, from: existing, to: commit },
  ];
  await updateRefs(git, changes, 'entering adjusted branch');
  return checkOutAdjusted(repository, branch).catch(async (error: unknown) => {
    // It is completed later.
    if (isSwitching(repository.location)) throw error;
    for (const { ref, from, to } of changes) await restoreRef(git, ref, from, to);
    throw error;
  });
}

/**
 * Checks an adjusted branch out that is there already; gives what git said.
 * @throws `git-failed` when uncommitted changes are in the way
 */
export async function checkOutAdjusted(repository: Repository, branch: AdjustedBranch): Promise<string> {
  const { git, location } = repository;
  await repository.unlocked.flush();
  const from = await git.resolve('HEAD');
  if (from !== undefined) rememberSwitch(location, branch.ref, from);
  const { exitCode, stderr } = await checkOut(repository, branch.name, '--progress');
  // A hook of the user's that fails comes after the checkout.
  if (exitCode !== 0 && (await headRef(git)) !== branch.ref) {
    if (from !== undefined && (await wasCutOff(repository, exitCode, from, branch.ref)))
      throw interruption(branch, 'git was killed');
    forgetSwitch(location);
    throw new AnnexError('git-failed', stderr.trim());
  }
  forgetSwitch(location);
  await fillAfterCheckout(repository);
  return stderr;
}

async function restoreRef(
  git: Repository['git'],
  ref: ByteString,
  to: ByteString | undefined,
  from: ByteString,
): Promise<void> {
  if (to === undefined) await git.run(['update-ref', '-d', ref, from], { accept: 'any' });
  else await git.run(['update-ref', ref, to, from], { accept: 'any' });
}

function alreadyThere(branch: AdjustedBranch): AnnexError {
  return new AnnexError(
    'git-failed',
    [
      `adjusted branch ${toText(branch.name)} already exists.`,
      `Aborting because that branch may have changes that have not yet reached ${toText(branch.original)}`,
      'You can check out the adjusted branch manually to enter it, or add the --force option to overwrite the old branch.',
    ].join('\n'),
  );
}
