import type { AdjustedBranch } from '../../domain/adjusted-branch.js';
import { AnnexError } from '../../domain/errors.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import { fillAfterCheckout } from '../git-filters/fill-after-checkout.js';
import { readCommit } from './commits.js';
import { forgetSwitch, headRef, interruption, rememberSwitch, wasCutOff } from './interrupted-switch.js';
import { checkOut } from './own-checkout.js';
import { type RefChange, updateRefs } from './update-refs.js';

type Part = Pick<Repository, 'git' | 'objects' | 'unlocked' | 'annexDir' | 'location' | 'settings'>;

/**
 * Moves refs, and with them the adjusted branch that is checked out, its work tree and the index. Meanwhile HEAD is
 * detached, as git-annex does it: whatever is killed, a half changed work tree never looks like changes made to the branch.
 * Nothing uncommitted is overwritten: then everything stays as it was.
 * @param from the commit that is checked out
 * @param to the commit that the branch gets; `others` move at the same moment
 * @throws `git-failed` when files are in the way
 */
export async function switchTree(
  repository: Part,
  branch: AdjustedBranch,
  from: ByteString,
  to: ByteString,
  others: readonly RefChange[],
  message: string,
): Promise<void> {
  const { git, unlocked, location } = repository;
  const changes = [{ ref: branch.ref, from, to }, ...others];
  const [before, after] = await Promise.all([readCommit(git, from), readCommit(git, to)]);
  if (before.tree === after.tree) return updateRefs(git, changes, message);
  await unlocked.flush();
  rememberSwitch(location, branch.ref, from);
  let cutOff = false;
  try {
    await git.run(['update-ref', '--no-deref', 'HEAD', from]);
    await updateRefs(git, changes, message);
    const { exitCode, stderr } = await checkOut(repository, branch.name, '--quiet');
    // A hook of the user's that fails comes after the checkout.
    if (exitCode !== 0 && (await headRef(git)) !== branch.ref) {
      cutOff = await wasCutOff(repository, exitCode, from, to);
      if (cutOff) throw interruption(branch, 'git was killed');
      await updateRefs(
        git,
        changes.flatMap((change) =>
          change.from === undefined ? [] : [{ ref: change.ref, from: change.to, to: change.from }],
        ),
        'files are in the way',
      );
      throw new AnnexError('git-failed', stderr.trim());
    }
  } catch (error) {
    // HEAD stays where the work tree still is in part; the next command goes on.
    if (!cutOff) {
      await git.run(['symbolic-ref', 'HEAD', branch.ref], { accept: 'any' });
      forgetSwitch(location);
    }
    throw error;
  }
  forgetSwitch(location);
  await fillAfterCheckout(repository as Repository);
}
