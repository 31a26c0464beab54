import { closeSync, fstatSync, mkdirSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';

/** A log that is kept within bounds: when it is full it becomes `NAME.1`, in place of the one before, and a new one begins. */
export interface RunLog {
  write(bytes: Uint8Array): void;
  close(): void;
}

/** Bytes of one log file; so the two of them hold the last 256 KiB at least. */
const mostBytes = 256 * 1024;

/** Opens a log for appending; several processes may have it open. A log that can't be written is no reason to fail. */
export function openRunLog(path: ByteString, limit = mostBytes): RunLog {
  let descriptor: number | undefined;

  function open(): number {
    mkdirSync(toPath(path.slice(0, path.lastIndexOf('/')) as ByteString), { recursive: true });
    return openSync(toPath(path), 'a', 0o666);
  }
  /** The descriptor of the file that is at the path now. */
  function current(): number {
    const there = statSync(toPath(path), { throwIfNoEntry: false });
    if (descriptor !== undefined && there?.ino !== fstatSync(descriptor).ino) close();
    descriptor ??= open();
    return descriptor;
  }
  function close(): void {
    if (descriptor !== undefined) closeSync(descriptor);
    descriptor = undefined;
  }

  return {
    write(bytes) {
      try {
        for (let at = 0; at < bytes.length; ) {
          const size = fstatSync(current()).size;
          if (size > 0 && size + bytes.length - at > limit) {
            renameSync(toPath(path), toPath(`${path}.1` as ByteString));
            close();
            continue;
          }
          at += writeSync(current(), bytes, at, Math.min(bytes.length - at, limit));
        }
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      }
    },
    close,
  };
}
