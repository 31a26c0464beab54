import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Key } from '../../domain/key.js';
import type { Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import { fromBuffer, toBuffer, toPath } from '../../lib/buffers.js';
import { waitForFileLock } from '../../repository/locks/wait-for-lock.js';

/**
 * git-annex's `move.log`, lines `SOURCE DESTINATION KEY`: moves whose destination had no copy when they began. A move that
 * was interrupted after the content arrived may so be finished, although the destination has a copy by then.
 */
export interface MoveLog {
  /** The keys among those given whose move between the two was begun and not finished. */
  begun(source: Uuid, destination: Uuid, keys: readonly Key[]): Promise<ReadonlySet<Key>>;
  begin(source: Uuid, destination: Uuid, keys: readonly Key[]): Promise<void>;
  end(source: Uuid, destination: Uuid, keys: readonly Key[]): Promise<void>;
}

export function openMoveLog(annexDir: ByteString, signal: AbortSignal): MoveLog {
  const path = `${annexDir}/move.log` as ByteString;
  const lockPath = `${annexDir}/move.lck` as ByteString;
  const line = (source: Uuid, destination: Uuid, key: Key) => `${source} ${destination} ${key}`;

  const change = async (next: (lines: string[]) => string[]): Promise<void> => {
    const lock = await waitForFileLock(lockPath, 'exclusive', { signal });
    try {
      const lines = readLines(path);
      const changed = next(lines);
      if (changed.length !== lines.length) writeLines(path, changed);
    } finally {
      lock.release();
    }
  };

  return {
    async begun(source, destination, keys) {
      if (keys.length === 0) return new Set();
      const lines = new Set(readLines(path));
      return new Set(keys.filter((key) => lines.has(line(source, destination, key))));
    },
    async begin(source, destination, keys) {
      if (keys.length === 0) return;
      await change((lines) => {
        const known = new Set(lines);
        return [
          ...lines,
          ...keys.map((key) => line(source, destination, key)).filter((one) => !known.has(one)),
        ];
      });
    },
    async end(source, destination, keys) {
      if (keys.length === 0) return;
      const done = new Set(keys.map((key) => line(source, destination, key)));
      await change((lines) => lines.filter((one) => !done.has(one)));
    },
  };
}

function readLines(path: ByteString): string[] {
  try {
    return fromBuffer(readFileSync(toPath(path)))
      .split('\n')
      .filter((text) => text !== '');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function writeLines(path: ByteString, lines: readonly string[]): void {
  const partial = `${path}${process.pid}.tmp` as ByteString;
  writeFileSync(toPath(partial), toBuffer(lines.map((text) => `${text}\n`).join('') as ByteString));
  renameSync(toPath(partial), toPath(path));
}
