import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  mkdirSync,
  openSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import { AnnexError } from '../../domain/errors.js';
import { toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import { nativeLocks } from './fs-extensions.js';
import type { LockFile, LockFiles } from './lock-files.js';

/** Shared holders keep exclusive ones out; an exclusive holder keeps everybody out. */
export type LockKind = 'shared' | 'exclusive';

/** A lock held on a whole file; releasing twice does nothing. The file stays. */
export interface FileLock {
  release(): void;
  /** Deletes the file while the lock is still held, then releases: for the locks git-annex deletes in this way. */
  unlinkAndRelease(): void;
}

export interface FileLockOptions {
  /**
   * Exact permissions of a file made here, as a shared repository wants them. Default: 0666 less the umask, as git-annex.
   */
  readonly mode?: number | undefined;
  /** False: a missing file is not made, and there is no lock on it. Default true; missing folders are made too. */
  readonly create?: boolean;
  /** Where a lock file comes from that is deleted again soon. */
  readonly files?: LockFiles;
}

/**
 * Takes a lock without waiting; undefined when somebody (another process, or this one) is in the way.
 *
 * These are the locks git-annex takes: fcntl record locks over the whole file, shared ones through a descriptor that
 * only reads. Open file description locks exclude those and each other, and are not lost when another descriptor
 * of the file is closed.
 * @throws AnnexError `read-only`, `permission` when the file cannot be opened
 */
export function tryFileLock(
  path: ByteString,
  kind: LockKind,
  options: FileLockOptions = {},
): FileLock | undefined {
  const placed = options.files && placedLock(path, options.files);
  if (placed !== undefined) return placed;
  for (;;) {
    const descriptor = openLockFile(path, kind, options);
    if (descriptor === undefined) return undefined;
    let state: 'held' | 'busy' | 'replaced' = 'busy';
    try {
      if (nativeLocks().tryLock(descriptor, 0, 0, { shared: kind === 'shared' })) {
        state = isStillAt(path, descriptor) ? 'held' : 'replaced';
      }
    } catch (error) {
      throw lockFailure(error);
    } finally {
      if (state !== 'held') closeSync(descriptor);
    }
    if (state === 'held') return heldLock(path, descriptor);
    if (state === 'busy') return undefined;
  }
}

/** Whether somebody holds a lock of any kind on the file. Makes no file. Holds a lock itself for a moment. */
export function isFileLocked(path: ByteString): boolean {
  if (statSync(toPath(path), { throwIfNoEntry: false }) === undefined) return false;
  const lock = tryFileLock(path, 'exclusive', { create: false });
  lock?.release();
  return lock === undefined && statSync(toPath(path), { throwIfNoEntry: false }) !== undefined;
}

function heldLock(path: ByteString, descriptor: number): FileLock {
  let held = true;
  const release = (): void => {
    if (!held) return;
    held = false;
    closeSync(descriptor);
  };
  return {
    release,
    unlinkAndRelease() {
      if (!held) return;
      try {
        unlinkSync(toPath(path));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      } finally {
        release();
      }
    },
  };
}

/** An exclusive lock on a file that was not there before; undefined when there is one, or somebody else was quicker. */
function placedLock(path: ByteString, files: LockFiles): FileLock | undefined {
  const file = files.place(path);
  if (file === undefined) return undefined;
  if (nativeLocks().tryLock(file.descriptor, 0, 0, { shared: false }) && isStillAt(path, file.descriptor))
    return heldPlacedLock(path, file, files);
  files.giveUp(file);
  return undefined;
}

function heldPlacedLock(path: ByteString, file: LockFile, files: LockFiles): FileLock {
  let held = true;
  const end = (finish: () => void): void => {
    if (held) finish();
    held = false;
  };
  return {
    release: () => end(() => files.giveUp(file)),
    unlinkAndRelease: () =>
      end(() => {
        unlinkSync(toPath(path));
        files.takeBack(file);
      }),
  };
}

/** A holder may have deleted the file while we waited: then the lock is on a file nobody else will ever open. */
function isStillAt(path: ByteString, descriptor: number): boolean {
  const mine = fstatSync(descriptor, { bigint: true });
  const there = statSync(toPath(path), { bigint: true, throwIfNoEntry: false });
  return there !== undefined && there.ino === mine.ino && there.dev === mine.dev;
}

/** Undefined: it does not exist and is not to be made. */
function openLockFile(path: ByteString, kind: LockKind, options: FileLockOptions): number | undefined {
  const access = kind === 'shared' ? constants.O_RDONLY : constants.O_RDWR;
  const file = toPath(path);
  try {
    if (options.create === false) return openSync(file, access);
    if (options.mode === undefined) return openMaking(path, access | constants.O_CREAT, 0o666);
    try {
      return openSync(file, access);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      const descriptor = openMaking(path, access | constants.O_CREAT, options.mode);
      fchmodSync(descriptor, options.mode);
      return descriptor;
    }
  } catch (error) {
    if (options.create === false && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw lockFailure(error);
  }
}

function openMaking(path: ByteString, flags: number, mode: number): number {
  try {
    return openSync(toPath(path), flags, mode);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    mkdirSync(toPath(path.slice(0, path.lastIndexOf('/')) as ByteString), { recursive: true });
    return openSync(toPath(path), flags, mode);
  }
}

function lockFailure(error: unknown): AnnexError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EROFS')
    return new AnnexError('read-only', 'a lock file cannot be opened: the file system is read-only', {
      cause: error,
    });
  if (code === 'EACCES' || code === 'EPERM')
    return new AnnexError('permission', 'a lock file may not be opened for writing', { cause: error });
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new AnnexError('disk-full', 'the disk is full: a lock file could not be made', { cause: error });
  if (code === 'ENOLCK' || code === 'EOPNOTSUPP' || code === 'EINVAL') {
    return new AnnexError('unsupported-repository', 'the file system does not support locks on files', {
      cause: error,
    });
  }
  return new AnnexError('internal', `a file could not be locked: ${message}`, { cause: error });
}
