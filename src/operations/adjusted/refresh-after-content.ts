import { readFileSync } from 'node:fs';
import { toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import type { OperationContext } from '../context.js';

/**
 * After contents may have come or gone: in an adjusted branch that shows which contents are here, notes that for the next
 * sync, or has the branch show it now where `annex.adjustedbranchrefresh` asks for it. With any number that is done once.
 * @returns how many actions failed: 0 or 1
 */
export async function refreshAfterContent(
  repository: Repository,
  context: Pick<OperationContext, 'emit'>,
): Promise<number> {
  if (!isAdjusted(repository)) return 0;
  const { currentBranch } = await import('../sync/current-branch.js');
  const { noteContentChange } = await import('./adjust-log.js');
  const { settleAdjusted } = await import('./settle.js');
  const branch = await currentBranch(repository.git);
  if (branch?.adjusted?.adjustment.presence === undefined) return 0;
  await noteContentChange(repository.annexDir);
  const wanted = repository.settings.get('annex.adjustedbranchrefresh') ?? '';
  if (!/^(?:true|yes|on|0*[1-9]\d*)$/i.test(wanted)) return 0;
  return settleAdjusted(repository, branch, context);
}

/** Without asking git: this is looked at after every command that moves contents. */
function isAdjusted({ location }: Repository): boolean {
  if (location.workTree === undefined) return false;
  const head = readFileSync(toPath(`${location.gitDir}/HEAD` as ByteString), 'latin1');
  return head.startsWith('ref: refs/heads/adjusted/');
}
