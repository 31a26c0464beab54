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

/** A transfer under way: its locks are held until it is released. */
export interface HeldTransfer extends HeldLock {
  /** So many bytes are there from an earlier attempt. A transfer that was only asked for begins with this. */
  resumed(bytes: number): void;
  /** So many bytes are done, those from an earlier attempt included: for those who look. */
  progress(bytes: number): void;
}

export interface TransferOptions {
  /** Called at most once, when the user wants this transfer to end (`transfer-status --cancel`). */
  readonly onCancel?: (() => void) | undefined;
  /** The transfer waits for others first: it is not shown before `resumed` is called. */
  readonly waits?: boolean;
}

/**
 * git-annex's transfer files: `.git/annex/transfer/<direction>/<uuid>/<key>` with `lck.<key>` beside it, and
 * `transfer/failed/...`. Both programs see each other's and never move the same key twice at once.
 */
export interface TransferLocks {
  /**
   * Takes the locks; undefined when the transfer is already in progress elsewhere. The info file, and a note of which process
   * this is, are written when the transfer has gone on for 100 ms, and again while it goes on. `file` is relative to the top of the
   * work tree.
   */
  begin(
    transfer: TransferId,
    file: ByteString | undefined,
    options?: TransferOptions,
  ): HeldTransfer | undefined;
  /** Remembers a failure for a later retry. */
  recordFailure(transfer: TransferId, file: ByteString | undefined): void;
  forgetFailure(transfer: TransferId): void;
}
