import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { type Key, parseKey } from '../../domain/key.js';
import { fromBuffer, toBuffer, toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import { type FileLock, tryFileLock } from '../locks/file-lock.js';

/**
 * Contents that were put in place and whose location is not recorded yet, in a file of this process below
 * `.git/annex/annex-ts/arrivals`, a key a line. A process that is killed in between, or whose disk is full by then, leaves
 * the file; who opens the repository next records them.
 */
export interface Arrivals {
  /** Before the content is put in place. Throws what the file system throws, also when the disk is full. */
  note(key: Key): void;
  /** After the locations were recorded. */
  settle(keys: readonly Key[]): void;
  close(): void;
}

interface OpenFile {
  readonly path: ByteString;
  readonly descriptor: number;
  readonly lock: FileLock;
}

let count = 0;

/** @param folder made when first needed */
export function openArrivals(folder: ByteString): Arrivals {
  const pending = new Set<Key>();
  let file: OpenFile | undefined;

  function open(): OpenFile {
    mkdirSync(toPath(folder), { recursive: true });
    const path = `${folder}/${process.pid}-${count++}` as ByteString;
    const lock = tryFileLock(path, 'exclusive');
    if (lock === undefined) return open();
    return { path, lock, descriptor: openSync(toPath(path), 'a') };
  }

  return {
    note(key) {
      file ??= open();
      writeSync(file.descriptor, toBuffer(`${key}\n` as ByteString));
      pending.add(key);
    },
    settle(keys) {
      for (const key of keys) pending.delete(key);
      if (file !== undefined && pending.size === 0) ftruncateSync(file.descriptor, 0);
    },
    close() {
      if (file === undefined) return;
      closeSync(file.descriptor);
      if (pending.size === 0) file.lock.unlinkAndRelease();
      else file.lock.release();
      file = undefined;
    },
  };
}

/** What a process that is gone left. */
export interface LeftArrivals {
  readonly keys: readonly Key[];
  /** To be called when their locations are recorded. */
  forget(): void;
}

/** Takes over what processes left that are gone; those of living ones are theirs. */
export function takeLeftArrivals(folder: ByteString): LeftArrivals[] {
  return namesIn(folder).flatMap((name) => {
    const path = `${folder}/${name}` as ByteString;
    const lock = tryFileLock(path, 'exclusive', { create: false });
    if (lock === undefined) return [];
    const lines = fromBuffer(readFileSync(toPath(path))).split('\n');
    const keys = lines.flatMap((line) => parseKey(line) ?? []);
    return [{ keys, forget: () => forget(path, lock) }];
  });
}

function forget(path: ByteString, lock: FileLock): void {
  try {
    unlinkSync(toPath(path));
  } finally {
    lock.release();
  }
}

function namesIn(folder: ByteString): string[] {
  try {
    return readdirSync(toPath(folder), { encoding: 'latin1' });
  } catch {
    return [];
  }
}
