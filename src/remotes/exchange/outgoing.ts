import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { AnnexError } from '../../domain/errors.js';
import type { Key } from '../../domain/key.js';
import type { Uuid } from '../../domain/uuid.js';
import { toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import { type BegunTransfer, beginWhereWritable } from './begin-transfer.js';

export interface OutgoingOptions {
  readonly key: Key;
  /** The repository that gets it: the transfer is noted under its uuid. */
  readonly to: Uuid;
  /** The work tree file, for information. */
  readonly file: ByteString | undefined;
  /** Whether it may be sent although the same is being sent there already; this time is not noted then. Default false. */
  readonly shared?: boolean;
  /** Called when the user cancels the transfer. */
  readonly onCancel?: (() => void) | undefined;
}

/** A content of the store on its way out, under its transfer lock until it is closed. */
export interface Outgoing {
  /** Bytes. */
  readonly size: number;
  /** The bytes from an offset to `size`; fewer when the file became shorter meanwhile. One behind the end gives nothing. */
  pieces(offset: number): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /**
   * Gives the memory of a piece back once nobody reads it any more, for the pieces to come: new memory for each makes the
   * garbage collector run some hundred times a gigabyte. May be left out.
   */
  recycle(piece: Uint8Array): void;
  /** Whether it is still the key's content after the last piece. */
  unchanged(): Promise<boolean>;
  close(): void;
}

/** Files up to this size are read at once. */
const SMALL = 1 << 18;
const PIECE = 1 << 18;

/**
 * Makes a content ready to be sent. Throws `content-missing`, `content-modified` (a work tree file shares the content and was
 * written to) and `transfer-in-progress`.
 */
export async function openOutgoing(
  { objects, transfers, unlocked }: Pick<Repository, 'objects' | 'transfers' | 'unlocked'>,
  { key, to, file, shared = false, onCancel }: OutgoingOptions,
): Promise<Outgoing> {
  const path = objects.locate(key);
  if (path === undefined) throw new AnnexError('content-missing', 'content is not present');
  if (!(await unlocked.unmodified(key, path)))
    throw new AnnexError('content-modified', 'the content was modified, so it is not sent');
  const lock = beginWhereWritable(transfers, { direction: 'upload', uuid: to, key }, file, {
    shared,
    onCancel,
  });
  try {
    const descriptor = openSync(toPath(path), 'r');
    let size: number;
    let small: Uint8Array | undefined;
    try {
      size = fstatSync(descriptor).size;
      small = size <= SMALL ? readAll(descriptor, size) : undefined;
    } finally {
      closeSync(descriptor);
    }
    const spare: Buffer[] = [];
    return {
      size,
      recycle(piece) {
        if (piece.buffer.byteLength === PIECE) spare.push(Buffer.from(piece.buffer));
      },
      pieces: (offset) => {
        if (offset >= size) return [];
        lock.resumed(offset);
        return small === undefined ? piecesOf({ path, offset, size, lock, spare }) : [small.subarray(offset)];
      },
      unchanged: () => unlocked.unmodified(key, path),
      close: () => lock.release(),
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

function readAll(descriptor: number, size: number): Uint8Array {
  const content = Buffer.allocUnsafe(size);
  let length = 0;
  while (length < size) {
    const read = readSync(descriptor, content, length, size - length, length);
    if (read === 0) break;
    length += read;
  }
  return content.subarray(0, length);
}

interface Sending {
  readonly path: ByteString;
  readonly offset: number;
  readonly size: number;
  readonly lock: BegunTransfer;
  /** Memory of pieces that are out. */
  readonly spare: Buffer[];
}

/** The next piece is read while the one before is on its way out. */
async function* piecesOf({ path, offset, size, lock, spare }: Sending): AsyncGenerator<Uint8Array> {
  const file = await open(toPath(path), 'r');
  // The piece before may still be on its way out.
  const read = (at: number) =>
    file.read(spare.pop() ?? Buffer.allocUnsafeSlow(PIECE), 0, Math.min(PIECE, size - at), at);
  let pending = read(offset);
  try {
    for (let at = offset; at < size; ) {
      const { bytesRead, buffer } = await pending;
      if (bytesRead === 0) return;
      at += bytesRead;
      if (at < size) {
        pending = read(at);
        pending.catch(() => undefined);
      }
      lock.throwIfCancelled();
      yield buffer.subarray(0, bytesRead);
      lock.progress(at);
    }
  } finally {
    await pending.catch(() => undefined);
    await file.close();
  }
}
