import { closeSync, openSync, writev, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';

/** Writes pieces into a file in order: small contents with one call, large ones behind the back of who makes the pieces. */
export interface PieceWriter {
  /**
   * To be waited for before the next call.
   * @param written called when the bytes are in the file: they may not be changed before
   */
  write(bytes: Uint8Array, written?: (bytes: Uint8Array) => void): Promise<void> | undefined;
  /** Everything is in the file afterwards, and the file is closed. Throws what the file system says. */
  end(): Promise<void> | undefined;
  /** Closes the file; what was not written yet never is. */
  abandon(): Promise<void>;
}

/** Bytes that are collected before they are written: as many as shared out among all files being written leave for each. */
const COLLECTED = { all: 16 << 20, least: 1 << 16, most: 1 << 20 };
/** Pieces that are; somebody may send them byte by byte. */
const PIECES = 1024;
const writeVector = promisify(writev);

interface Piece {
  readonly bytes: Uint8Array;
  readonly written: ((bytes: Uint8Array) => void) | undefined;
}

/** Files that this process is writing. */
let writing = 0;

function share(): number {
  return Math.max(COLLECTED.least, Math.min(COLLECTED.most, COLLECTED.all / writing));
}

/** @param start byte of the file to go on from; at 0 the file is made, or emptied */
export function createPieceWriter(path: ByteString, start: number): PieceWriter {
  let file: number | undefined;
  let pieces: Piece[] = [];
  let collected = 0;
  let position = start;
  let running: Promise<void> | undefined;

  let counted = false;
  const count = (now: boolean): void => {
    if (now !== counted) writing += now ? 1 : -1;
    counted = now;
  };

  const descriptor = (): number => (file ??= openSync(toPath(path), start === 0 ? 'w' : 'r+'));
  function take(): { batch: Piece[]; at: number } {
    const taken = { batch: pieces, at: position };
    position += collected;
    pieces = [];
    collected = 0;
    return taken;
  }
  async function flush(): Promise<void> {
    await running;
    const { batch, at } = take();
    running = writeAll(descriptor(), batch, at);
    running.catch(() => undefined);
  }
  function close(): void {
    count(false);
    if (file !== undefined) closeSync(file);
    file = undefined;
  }

  return {
    write(bytes, written) {
      count(true);
      pieces.push({ bytes, written });
      collected += bytes.length;
      return collected < share() && pieces.length < PIECES ? undefined : flush();
    },
    end() {
      if (running !== undefined) {
        return flush()
          .then(() => running)
          .finally(close);
      }
      try {
        const { batch, at } = take();
        let done = at;
        for (const { bytes, written } of batch) {
          done += writePiece(descriptor(), bytes, done);
          written?.(bytes);
        }
        if (start === 0) descriptor();
      } finally {
        close();
      }
      return undefined;
    },
    async abandon() {
      await running?.catch(() => undefined);
      close();
    },
  };
}

function writePiece(file: number, bytes: Uint8Array, position: number): number {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at, position + at);
  return bytes.length;
}

async function writeAll(file: number, pieces: readonly Piece[], start: number): Promise<void> {
  let left = pieces.map(({ bytes }) => bytes).filter((bytes) => bytes.length > 0);
  for (let position = start; left.length > 0; ) {
    const { bytesWritten } = await writeVector(file, left, position);
    position += bytesWritten;
    left = without(left, bytesWritten);
  }
  for (const { bytes, written } of pieces) written?.(bytes);
}

function without(pieces: readonly Uint8Array[], written: number): Uint8Array[] {
  let skip = written;
  const left: Uint8Array[] = [];
  for (const bytes of pieces) {
    if (skip < bytes.length) left.push(skip === 0 ? bytes : bytes.subarray(skip));
    skip = Math.max(0, skip - bytes.length);
  }
  return left;
}
