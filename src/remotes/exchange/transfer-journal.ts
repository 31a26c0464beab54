import { existsSync } from 'node:fs';
import type { Uuid } from '../../domain/uuid.js';
import { toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import type { TransferResult } from '../remote.js';

/**
 * Remembers failed transfers with a repository for `--failed`, and forgets those that were made good. A transfer that
 * somebody else is busy with, or that the user has paused, has not failed.
 */
export function createTransferJournal(
  { annexDir, transfers }: Pick<Repository, 'annexDir' | 'transfers'>,
  uuid: Uuid,
  direction: 'retrieve' | 'store',
): (result: TransferResult) => void {
  const way = direction === 'retrieve' ? 'download' : 'upload';
  let anyFailed = existsSync(toPath(`${annexDir}/transfer/failed/${way}/${uuid}` as ByteString));
  return (result) => {
    const { key, file } = result.request;
    const transfer = { direction: way, uuid, key } as const;
    if (result.ok) {
      if (anyFailed) transfers.forgetFailure(transfer);
    } else if (!['transfer-in-progress', 'transfer-paused'].includes(result.error.code)) {
      anyFailed = true;
      transfers.recordFailure(transfer, file);
    }
  };
}
