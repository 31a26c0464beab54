import { adjustedBranch } from '../../domain/adjusted-branch.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import { type CurrentBranch, currentBranch, isDerived } from '../sync/current-branch.js';
import { basisOf } from './basis.js';
import { writeCommit } from './commits.js';
import { checkOutAdjusted, enterAdjusted } from './enter.js';
import { updateRefs } from './update-refs.js';

/**
 * What becomes of the branch that is checked out when a repository is initialised: where the file system has no links, an
 * adjusted branch is entered whose files are unlocked; and a clone of a repository that is on an adjusted branch gets the
 * refs that belong to it.
 * @returns sentences on what was done
 */
export async function adjustAfterInit(repository: Repository): Promise<string[]> {
  const { git, settings, location } = repository;
  if (location.workTree === undefined) return [];
  const current = await currentBranch(git);
  if (current === undefined) return [];
  if (current.adjusted !== undefined) {
    if ((await git.resolve(current.adjusted.ref)) !== undefined) await basisOf(git, current.adjusted);
    return [];
  }
  if (!settings.bool('annex.crippledfilesystem', false) || isDerived(current)) return [];
  await beginBranch(repository, current);
  const branch = adjustedBranch(current.name, { links: 'unlocked' });
  const known = (await git.resolve(branch.ref)) !== undefined;
  const said = await (known
    ? checkOutAdjusted(repository, branch)
    : enterAdjusted(repository, branch, false));
  return [entering, said.trimEnd()];
}

const entering =
  'Entering an adjusted branch where files are unlocked as this filesystem does not support locked files.';

/** A branch without commits gets an empty one, since there would be nothing to adjust. */
async function beginBranch({ git }: Repository, { ref }: CurrentBranch): Promise<void> {
  if ((await git.resolve(ref)) !== undefined) return;
  const { stdout } = await git.run(['write-tree']);
  const [author, committer] = await Promise.all(
    ['GIT_AUTHOR_IDENT', 'GIT_COMMITTER_IDENT'].map(
      async (name) => (await git.run(['var', name])).stdout.trimEnd() as ByteString,
    ),
  );
  const message = 'commit before entering adjusted branch\n' as ByteString;
  const commit = await writeCommit(git, {
    tree: stdout.trimEnd() as ByteString,
    parents: [],
    author: author as ByteString,
    committer: committer as ByteString,
    message,
  });
  await updateRefs(git, [{ ref, from: undefined, to: commit }], 'commit (initial)');
}
