import { AnnexError } from '../../domain/errors.js';
import type { ByteString } from '../../lib/bytes.js';
import type { HeldLock } from '../../repository/objects/object-store.js';
import type { TransferId, TransferLocks } from '../../repository/transfers/transfer-locks.js';

/** Takes a transfer's locks. Throws `transfer-in-progress` when somebody moves the same key already. */
export function beginTransfer(
  transfers: TransferLocks,
  transfer: TransferId,
  file: ByteString | undefined,
): HeldLock {
  const lock = transfers.begin(transfer, file);
  if (lock !== undefined) return lock;
  throw new AnnexError(
    'transfer-in-progress',
    'transfer already in progress, or unable to take transfer lock',
  );
}

/** `ENOENT` is what Node says when it makes folders on a read-only file system. */
const NOT_WRITABLE = ['read-only', 'permission', 'EROFS', 'EACCES', 'EPERM', 'ENOENT'];

/** As `beginTransfer`; content can also be had from where nothing may be written, a lock file neither. */
export function beginWhereWritable(...args: Parameters<typeof beginTransfer>): HeldLock {
  try {
    return beginTransfer(...args);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (!NOT_WRITABLE.some((one) => one === code)) throw error;
    return { release: () => undefined };
  }
}
