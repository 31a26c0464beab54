import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { ByteString } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';
import type { HashFunction } from './hashers.js';

/** Bytes up to which a file is hashed without waiting for the event loop. */
const SMALL = 1 << 20;
const PIECE = 2 << 20;

const shared = Buffer.allocUnsafeSlow(SMALL);

export interface HashOptions {
  /** Bytes hashed so far. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface HashedFile {
  /** Lower case hex. */
  readonly digest: ByteString;
  /** Bytes that were hashed. */
  readonly size: number;
}

/** Hashes a file, reading it once. Throws what the file system throws. */
export async function hashFile(
  path: ByteString,
  algorithm: HashFunction,
  options: HashOptions = {},
): Promise<HashedFile> {
  const small = hashSmallFile(path, algorithm);
  if (small === undefined) return hashLargeFile(path, algorithm, options);
  options.onBytes?.(small.size);
  return small;
}

/** The same for a file of less than 1 MiB, at once; undefined: it is larger. */
export function hashSmallFile(path: ByteString, algorithm: HashFunction): HashedFile | undefined {
  const file = openSync(toPath(path), 'r');
  try {
    if (fstatSync(file).size >= SMALL) return undefined;
    let size = 0;
    for (;;) {
      const read = readSync(file, shared, size, SMALL - size, null);
      size += read;
      if (size === SMALL) return undefined;
      if (read === 0) return { digest: algorithm.hash(shared.subarray(0, size)), size };
    }
  } finally {
    closeSync(file);
  }
}

/** The next piece is read by another thread while this one hashes the piece before. */
async function hashLargeFile(
  path: ByteString,
  algorithm: HashFunction,
  options: HashOptions,
): Promise<HashedFile> {
  const hasher = algorithm.start();
  const file = await open(toPath(path), 'r');
  try {
    let [current, other] = [Buffer.allocUnsafeSlow(PIECE), Buffer.allocUnsafeSlow(PIECE)];
    let size = 0;
    let reading = file.read(current, 0, PIECE, 0);
    for (;;) {
      const { bytesRead } = await reading;
      options.signal?.throwIfAborted();
      if (bytesRead === 0) return { digest: hasher.digest(), size };
      size += bytesRead;
      reading = file.read(other, 0, PIECE, size);
      hasher.update(current.subarray(0, bytesRead));
      [current, other] = [other, current];
      options.onBytes?.(size);
    }
  } finally {
    await file.close();
  }
}
