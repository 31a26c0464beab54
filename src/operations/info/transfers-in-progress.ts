import { quoteName } from '../../lib/quote-name.js';
import { readKernelLocks } from '../../repository/locks/kernel-locks.js';
import type { Repository } from '../../repository/repository.js';
import { readTransfers } from '../../repository/transfers/read-transfers.js';
import type { KnownRepositories } from '../repositories/known-repositories.js';
import type { Stat } from './stat.js';

/** The transfers whose lock is held now, and that have an info file. */
export function transfersInProgress(
  { annexDir, settings }: Pick<Repository, 'annexDir' | 'settings'>,
  known: KnownRepositories,
): Stat {
  const transfers = [...readTransfers(annexDir, readKernelLocks())].flatMap(({ live, info, ...transfer }) =>
    live && info !== undefined ? [{ ...transfer, file: info.file }] : [],
  );
  const quotePath = () => settings.bool('core.quotepath', true);
  const lines = transfers.map(({ direction, uuid, key, file }) => {
    const other = known.remoteName(uuid) ?? uuid;
    const what = quoteName(file ?? key, quotePath);
    return direction === 'upload'
      ? `\n\tuploading ${what} to ${other}`
      : `\n\tdownloading ${what} from ${other}`;
  });
  return {
    name: 'transfers in progress',
    json: transfers.map(({ direction, uuid, key, file }) => ({
      ...(file === undefined ? {} : { file }),
      key,
      remote: uuid,
      transfer: direction,
    })),
    text: lines.length === 0 ? 'none' : lines.join(''),
  };
}
