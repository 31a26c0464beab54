import { AnnexError } from '../../domain/errors.js';
import type { ByteString } from '../../lib/bytes.js';
import type {
  HeldTransfer,
  TransferId,
  TransferLocks,
  TransferOptions,
} from '../../repository/transfers/transfer-locks.js';

/** A transfer's locks, and the user's wish to end it. */
export interface BegunTransfer extends HeldTransfer {
  /** Throws `transfer-cancelled` when the user wants the transfer to end. */
  throwIfCancelled(): void;
}

/**
 * Takes a transfer's locks. Throws `transfer-in-progress` when somebody moves the same key already.
 * @param options `onCancel`: for transfers that may stand still, so that `throwIfCancelled` would not be called;
 *   `waits`: it is to begin with `resumed` only
 */
export function beginTransfer(
  transfers: TransferLocks,
  transfer: TransferId,
  file: ByteString | undefined,
  options: TransferOptions = {},
): BegunTransfer {
  let cancelled = false;
  const onCancel = () => {
    cancelled = true;
    options.onCancel?.();
  };
  const lock = transfers.begin(transfer, file, { ...options, onCancel });
  if (lock !== undefined) {
    return {
      ...lock,
      throwIfCancelled() {
        if (cancelled) throw new AnnexError('transfer-cancelled', 'the transfer was cancelled');
      },
    };
  }
  throw new AnnexError(
    'transfer-in-progress',
    'transfer already in progress, or unable to take transfer lock',
  );
}

/** `ENOENT` is what Node says when it makes folders on a read-only file system. */
const NOT_WRITABLE = ['read-only', 'permission', 'EROFS', 'EACCES', 'EPERM', 'ENOENT'];

/**
 * As `beginTransfer`; content can also be had from where nothing may be written, a lock file neither.
 * @param options `shared`: a transfer that goes on already is no hindrance
 */
export function beginWhereWritable(
  transfers: TransferLocks,
  transfer: TransferId,
  file: ByteString | undefined,
  options: TransferOptions & { readonly shared?: boolean } = {},
): BegunTransfer {
  try {
    return beginTransfer(transfers, transfer, file, options);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const busy = options.shared === true && code === 'transfer-in-progress';
    if (!busy && !NOT_WRITABLE.some((one) => one === code)) throw error;
    const nothing = () => undefined;
    return { release: nothing, resumed: nothing, progress: nothing, throwIfCancelled: nothing };
  }
}
