import { rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { AnnexError } from '../../domain/errors.js';
import { type Key, keySize } from '../../domain/key.js';
import type { Uuid } from '../../domain/uuid.js';
import { toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import type { SharedCheck } from '../../protocol/served-content.js';
import type { ContentCheck } from '../../repository/objects/content-check.js';
import type { Repository } from '../../repository/repository.js';
import { type BegunTransfer, beginTransfer } from './begin-transfer.js';
import { createPieceWriter } from './piece-writer.js';

export interface IncomingOptions {
  readonly key: Key;
  /** The repository that it comes from: the transfer is noted under its uuid. */
  readonly from: Uuid;
  /** The work tree file, for information. */
  readonly file: ByteString | undefined;
  /** Whether the content is hashed while it passes; its size is always looked at, where the key tells it. */
  readonly verify: boolean;
  /** Hashes what others receive as well, in their stead. */
  readonly shared?: SharedCheck | undefined;
  /** Goes on although `annex.diskreserve` says no. */
  readonly ignoreReserve: boolean;
  /** Bytes of other contents that are asked for and not here yet: they need room too. */
  readonly alsoExpected?: number;
  /** Others come first: until `begin` is called it is not shown as a transfer under way. */
  readonly waits?: boolean;
  /** Called when the user cancels the transfer. */
  readonly onCancel?: (() => void) | undefined;
}

/** The content of a key on its way into the store, under its transfer locks. One of the last three calls ends it. */
export interface Incoming {
  /** Bytes that are here from an attempt before: what comes goes on from there. */
  readonly offset: number;
  /** Its turn has come, where it had to wait. */
  begin(): void;
  /**
   * To be waited for before the next call. Throws `protocol` when more comes than the key stands for, and what the file
   * system says.
   * @param written called when the bytes are in the file: they may not be changed before
   */
  write(bytes: Uint8Array, written?: (bytes: Uint8Array) => void): Promise<void> | undefined;
  /**
   * Checks the content and puts it in place; the barrier and the location log are left to the caller. False when it is not
   * the key's content: nothing is kept then.
   * @param confirmed default true; if not, only a hash that was computed can tell that it is
   */
  admit(confirmed?: boolean): Promise<boolean>;
  /** What came is of no use. */
  discard(): Promise<void>;
  /** The connection broke or nothing came: what is there is kept for the next attempt. */
  leave(): Promise<void>;
}

const PIECE = 1 << 20;

const alone: SharedCheck = (make) => make();

/**
 * Makes ready to receive content into the partial file of its key. What an attempt before left there is read once for the
 * check, and continued. Throws `transfer-in-progress` and `disk-reserve`.
 */
export async function openIncoming(
  { objects, transfers }: Pick<Repository, 'objects' | 'transfers'>,
  options: IncomingOptions,
): Promise<Incoming> {
  const { key, from, file, onCancel, waits = false } = options;
  const transfer = { direction: 'download', uuid: from, key } as const;
  const lock = beginTransfer(transfers, transfer, file, { onCancel, waits });
  try {
    const size = keySize(key);
    const path = objects.tmpPath(key);
    let offset = statSync(toPath(path), { throwIfNoEntry: false })?.size ?? 0;
    if (size !== undefined && offset > size) offset = 0;
    if (!options.ignoreReserve) objects.reserve((size ?? offset) - offset + (options.alsoExpected ?? 0));
    const makeCheck = options.verify ? await objects.contentChecks(key) : undefined;
    const check = offset === 0 && makeCheck ? (options.shared ?? alone)(makeCheck) : makeCheck?.();
    if (offset > 0 && check !== undefined) await readInto(check, path, offset);
    if (!waits) lock.resumed(offset);
    return receiving(objects, { key, size, path, offset, check, lock });
  } catch (error) {
    lock.release();
    throw error;
  }
}

interface Receiving {
  readonly key: Key;
  readonly size: number | undefined;
  readonly path: ByteString;
  readonly offset: number;
  readonly check: ContentCheck | undefined;
  readonly lock: BegunTransfer;
}

function receiving(objects: Repository['objects'], state: Receiving): Incoming {
  const { key, size, path, offset, check, lock } = state;
  const writer = createPieceWriter(path, offset);
  let at = offset;

  function matches(confirmed: boolean): boolean {
    if (size !== undefined && at !== size) return false;
    const matching = check?.matches();
    return confirmed ? matching !== false : matching === true;
  }

  return {
    offset,
    begin: () => lock.resumed(offset),
    write(bytes, written) {
      at += bytes.length;
      if (size !== undefined && at > size)
        throw new AnnexError('protocol', 'more was sent than the key stands for');
      lock.throwIfCancelled();
      lock.progress(at);
      check?.update(bytes);
      return writer.write(bytes, written);
    },
    async admit(confirmed = true) {
      try {
        const end = writer.end();
        if (end !== undefined) await end;
        if (!matches(confirmed)) {
          rmSync(toPath(path), { force: true });
          return false;
        }
        await objects.admit(key, path);
        return true;
      } catch (error) {
        // What is not wanted here by its key never will be.
        if (error instanceof AnnexError && error.code === 'invalid-setting')
          rmSync(toPath(path), { force: true });
        throw error;
      } finally {
        lock.release();
      }
    },
    async discard() {
      try {
        await writer.abandon();
        rmSync(toPath(path), { force: true });
      } finally {
        lock.release();
      }
    },
    async leave() {
      try {
        if (at > offset) await writer.end();
        else await writer.abandon();
      } finally {
        lock.release();
      }
    },
  };
}

async function readInto(check: ContentCheck, path: ByteString, size: number): Promise<void> {
  const file = await open(toPath(path), 'r');
  try {
    const buffer = Buffer.allocUnsafe(Math.min(PIECE, size));
    for (let at = 0; at < size; ) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) throw new AnnexError('internal', 'a partial content became shorter');
      check.update(buffer.subarray(0, bytesRead));
      at += bytesRead;
    }
  } finally {
    await file.close();
  }
}
