import type { Repository } from '../../repository/repository.js';

/** Merges what was fetched into the git-annex branch, unless `annex.merge-annex-branches` forbids it. */
export async function updateAnnexBranch({ branch, settings }: Repository): Promise<void> {
  if (settings.bool('annex.merge-annex-branches', true)) await branch.update();
}
