import type { ByteString } from '../../lib/bytes.js';
import type { Key } from '../../domain/key.js';
import type { Uuid } from '../../domain/uuid.js';
import type { HeldLock } from '../objects/object-store.js';

export interface TransferId {
  readonly direction: 'upload' | 'download';
  /** The other repository. */
  readonly uuid: Uuid;
  readonly key: Key;
}

/**
 * git-annex's transfer files: `.git/annex/transfer/<direction>/<uuid>/<key>` with `lck.<key>` beside it, and
 * `transfer/failed/...`. Both programs see each other's and never move the same key twice at once.
 */
export interface TransferLocks {
  /**
   * Takes the locks; undefined when the transfer is already in progress elsewhere. The info file is written when the
   * transfer has gone on for 100 ms. `file` is relative to the top of the work tree.
   */
  begin(transfer: TransferId, file: ByteString | undefined): HeldLock | undefined;
  /** Remembers a failure for a later retry. */
  recordFailure(transfer: TransferId, file: ByteString | undefined): void;
  forgetFailure(transfer: TransferId): void;
}
