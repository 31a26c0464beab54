import { AnnexError } from '../../domain/errors.js';
import type { Repository } from '../../repository/repository.js';
import type { OperationContext } from '../context.js';
import type { CurrentBranch } from '../sync/current-branch.js';
import { propagate } from './propagate.js';
import { refreshAdjusted } from './refresh.js';

/**
 * Where an adjusted branch is checked out, takes its commits back to the original branch, and has it show which contents
 * are here where it is of that kind.
 * @param refresh whether it may: not where the user said to leave contents alone
 * @returns how many actions failed: 0 or 1
 */
export async function settleAdjusted(
  repository: Repository,
  branch: CurrentBranch | undefined,
  { emit }: Pick<OperationContext, 'emit'>,
  refresh = true,
): Promise<number> {
  const adjusted = branch?.adjusted;
  if (adjusted === undefined || repository.location.workTree === undefined) return 0;
  try {
    if (!refresh || adjusted.adjustment.presence === undefined) await propagate(repository, adjusted);
    else await refreshAdjusted(repository, adjusted);
    return 0;
  } catch (error) {
    if (!(error instanceof AnnexError) || error.code === 'interrupted') throw error;
    emit({
      type: 'warning',
      text: error.hint === undefined ? error.message : `${error.message}\n${error.hint}`,
    });
    return 1;
  }
}
