import { closeSync, fchmodSync, linkSync, mkdirSync, openSync, unlinkSync } from 'node:fs';
import { toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import { nativeLocks } from './fs-extensions.js';

/** An open, empty file that stands at the path of a lock file for a while. */
export interface LockFile {
  readonly descriptor: number;
}

/**
 * Empty files that become lock files by getting a second name. Locks of single contents and transfers are files that
 * exist for a moment only; making and deleting one for each of 20,000 contents costs most of a transfer on ext4, which
 * looks past every recently deleted inode when it makes a file. A second name costs no inode.
 *
 * To others there is no difference: the file at the path is the one that is locked.
 */
export interface LockFiles {
  /** Puts an empty file at the path. Undefined when that cannot be done, also when something is there already. */
  place(path: ByteString): LockFile | undefined;
  /** Takes the lock off a file whose name at the path is deleted; it is used again. */
  takeBack(file: LockFile): void;
  /** For a file that somebody else may have locked or keep: closes it, and leaves the name at the path alone. */
  giveUp(file: LockFile): void;
  close(): void;
}

interface Spare extends LockFile {
  readonly name: string | Buffer;
}

let count = 0;

/**
 * @param folder `.git/annex/othertmp`: whoever empties it makes new files necessary, and nothing else
 * @param mode exact permissions, where a shared repository wants others than the umask gives
 */
export function createLockFiles(folder: ByteString, mode: number | undefined): LockFiles {
  const free: Spare[] = [];
  let usable = true;

  function make(): Spare {
    const path = `${folder}/lock${process.pid}-${count++}` as ByteString;
    mkdirSync(toPath(folder), { recursive: true });
    const descriptor = openSync(toPath(path), 'wx+', 0o666);
    if (mode !== undefined) fchmodSync(descriptor, mode);
    return { descriptor, name: toPath(path) };
  }
  function discard(spare: Spare): void {
    closeSync(spare.descriptor);
    try {
      unlinkSync(spare.name);
    } catch {
      // Somebody emptied the folder.
    }
  }
  /** The code of what went wrong. */
  function linked(spare: Spare, path: ByteString): string | undefined {
    try {
      linkSync(spare.name, toPath(path));
      return undefined;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? 'unknown';
    }
  }
  function spareAt(path: ByteString): Spare | undefined {
    const spare = free.pop() ?? make();
    const problem = linked(spare, path);
    if (problem === undefined) return spare;
    if (problem === 'EEXIST') {
      free.push(spare);
      return undefined;
    }
    discard(spare);
    // Another file system, or one without hard links. A missing file or folder says nothing about the next time.
    if (problem !== 'ENOENT') usable = false;
    return undefined;
  }

  return {
    place(path) {
      if (!usable) return undefined;
      try {
        return spareAt(path);
      } catch {
        usable = false;
        return undefined;
      }
    },
    takeBack(file) {
      nativeLocks().unlock(file.descriptor, 0, 0);
      free.push(file as Spare);
    },
    giveUp: (file) => discard(file as Spare),
    close() {
      for (const spare of free.splice(0)) discard(spare);
    },
  };
}
