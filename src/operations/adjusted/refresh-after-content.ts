import type { Repository } from '../../repository/repository.js';
import type { OperationContext } from '../context.js';

/**
 * After contents came or went: has an adjusted branch that shows which contents are here do so, where
 * `annex.adjustedbranchrefresh` asks for it. With any number it is done once, at the end.
 * @returns how many actions failed: 0 or 1
 */
export async function refreshAfterContent(
  repository: Repository,
  context: Pick<OperationContext, 'emit'>,
): Promise<number> {
  const wanted = repository.settings.get('annex.adjustedbranchrefresh') ?? '';
  if (!/^(?:true|yes|on|0*[1-9]\d*)$/i.test(wanted)) return 0;
  const { currentBranch } = await import('../sync/current-branch.js');
  const { settleAdjusted } = await import('./settle.js');
  const branch = await currentBranch(repository.git);
  if (branch?.adjusted?.adjustment.presence === undefined) return 0;
  return settleAdjusted(repository, branch, context);
}
