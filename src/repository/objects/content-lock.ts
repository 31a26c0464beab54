import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  rmdirSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import { dirname } from 'node:path/posix';
import type { ByteString } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';
import type { LockFile, LockFiles } from '../locks/lock-files.js';
import type { Lockdown } from './lockdown.js';
import type { HeldLock } from './object-store.js';
import type { Permissions } from './permissions.js';
import { deleteRetention, isRetained, writeRetention } from './retention.js';

/** Tries to lock a whole open file without waiting; it is unlocked by closing it. */
export type TryLock = (file: number, shared: boolean) => boolean;

export interface ContentLocks {
  /** Undefined: the content is absent, or being dropped, or cannot be locked by this user. */
  shared(content: ByteString): HeldLock | undefined;
  exclusive(content: ByteString): HeldLock | undefined;
  /** A shared lock for somebody who may vanish: the content is kept for so many seconds from now even then. */
  retained(content: ByteString, seconds: number): AbandonableLock | undefined;
}

export interface AbandonableLock extends HeldLock {
  /** Ends the lock without ending the time for which the content is kept. */
  abandon(): void;
}

export interface ContentLockOptions {
  readonly tryLock: TryLock;
  readonly lockdown: Lockdown;
  readonly permissions: Permissions;
  /** Version 8 and 9: the content file itself is locked. Later: `<content>.lck` beside it. */
  readonly contentIsLock: boolean;
  /** Where lock files come from. */
  readonly lockFiles?: LockFiles;
}

/** An open lock file; `placed` when it came from `lockFiles`. */
interface OpenLockFile {
  readonly descriptor: number;
  readonly placed: LockFile | undefined;
}

/** git-annex's content locks: whoever keeps content holds a shared one, whoever drops it the exclusive one. */
export function createContentLocks(options: ContentLockOptions): ContentLocks {
  const lock = options.contentIsLock ? lockContentFile : lockBeside;
  return {
    shared: (content) => tolerant(() => lock(options, content, true)),
    exclusive: (content) => tolerant(() => lock(options, content, false)),
    retained: (content, seconds) =>
      tolerant(() => {
        const held = lock(options, content, true, () => deleteRetention(content));
        if (held !== undefined && !options.contentIsLock) keepUntil(options, content, seconds);
        return held;
      }),
  };
}

function keepUntil({ lockdown }: ContentLockOptions, content: ByteString, seconds: number): void {
  const directory = dirname(content) as ByteString;
  lockdown.thawDirectory(directory);
  try {
    writeRetention(content, Date.now() / 1000 + seconds);
  } finally {
    lockdown.freezeDirectory(directory);
  }
}

function tolerant<L>(attempt: () => L | undefined): L | undefined {
  try {
    return attempt();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
      return undefined;
    throw error;
  }
}

function lockContentFile(
  options: ContentLockOptions,
  content: ByteString,
  shared: boolean,
): AbandonableLock | undefined {
  if (!shared) options.lockdown.thawFile(content);
  let file: number;
  try {
    file = openSync(toPath(content), shared ? 'r' : 'r+');
  } finally {
    if (!shared) options.lockdown.freezeFile(content);
  }
  if (options.tryLock(file, shared) && isStill(content, file))
    return held(
      () => closeSync(file),
      () => closeSync(file),
    );
  closeSync(file);
  return undefined;
}

/** The holder of the exclusive lock deletes the lock file, so what was locked may be gone: then it is tried again. */
function lockBeside(
  options: ContentLockOptions,
  content: ByteString,
  shared: boolean,
  onLast?: () => void,
): AbandonableLock | undefined {
  const path = `${content}.lck` as ByteString;
  for (let attempt = 0; attempt < 10; attempt++) {
    if (!existsSync(toPath(content))) return undefined;
    const file = openLockFile(options, path, shared);
    if (!options.tryLock(file.descriptor, shared)) {
      closeLockFile(options, file, false);
      return undefined;
    }
    if (isStill(path, file.descriptor)) return takeBeside(options, content, { path, file, shared, onLast });
    closeLockFile(options, file, false);
  }
  return undefined;
}

function takeBeside(
  options: ContentLockOptions,
  content: ByteString,
  taken: {
    readonly path: ByteString;
    readonly file: OpenLockFile;
    readonly shared: boolean;
    /** Called when nobody else holds the lock any more, before it ends. */
    readonly onLast: (() => void) | undefined;
  },
): AbandonableLock | undefined {
  const { path, file, shared } = taken;
  const release = () => {
    // Deleting takes the exclusive lock; another holder of a shared one keeps the file, and deletes it in turn.
    let deleted = false;
    try {
      if (!shared || becomesExclusive(options, file.descriptor)) {
        deleteLockFile(options, content, path, taken.onLast);
        deleted = true;
      }
    } finally {
      closeLockFile(options, file, deleted);
    }
  };
  const absent = !existsSync(toPath(content));
  if (!absent && (shared || !isRetained(content)))
    return held(release, () => closeLockFile(options, file, false));
  release();
  return undefined;
}

function becomesExclusive(options: ContentLockOptions, file: number): boolean {
  try {
    return options.tryLock(file, false);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EBADF') return false;
    throw error;
  }
}

/** Ends the lock. A file whose name is deleted is nobody else's any more. */
function closeLockFile({ lockFiles }: ContentLockOptions, file: OpenLockFile, deleted: boolean): void {
  if (file.placed === undefined) closeSync(file.descriptor);
  else if (deleted) lockFiles?.takeBack(file.placed);
  else lockFiles?.giveUp(file.placed);
}

function openLockFile(options: ContentLockOptions, path: ByteString, shared: boolean): OpenLockFile {
  const directory = dirname(path) as ByteString;
  options.lockdown.thawDirectory(directory);
  try {
    const placed = options.lockFiles?.place(path);
    if (placed !== undefined) return { descriptor: placed.descriptor, placed };
    const name = toPath(path);
    const file = openForLock(name, shared);
    const mode = options.permissions.fileMode(0o644);
    if (mode !== undefined && fstatSync(file).uid === process.geteuid?.()) chmodSync(name, mode);
    return { descriptor: file, placed: undefined };
  } finally {
    options.lockdown.freezeDirectory(directory);
  }
}

/** For writing, so that a shared lock can become exclusive; another user's lock file may only be readable. */
function openForLock(name: string | Buffer, shared: boolean): number {
  try {
    return openSync(name, constants.O_RDWR | constants.O_CREAT, 0o666);
  } catch (error) {
    if (!shared || (error as NodeJS.ErrnoException).code !== 'EACCES') throw error;
    return openSync(name, 'r');
  }
}

function deleteLockFile(
  options: ContentLockOptions,
  content: ByteString,
  path: ByteString,
  before: (() => void) | undefined,
): void {
  const directory = dirname(path) as ByteString;
  options.lockdown.thawDirectory(directory);
  before?.();
  unlinkSync(toPath(path));
  if (existsSync(toPath(content))) options.lockdown.freezeDirectory(directory);
  else removeEmptyDirectories(directory);
}

/** The directory of a key and the two hash directories above it, as far as they are empty. */
export function removeEmptyDirectories(directory: ByteString): void {
  let at = directory;
  try {
    for (let level = 0; level < 3; level++) {
      rmdirSync(toPath(at));
      at = dirname(at) as ByteString;
    }
  } catch {
    // Not empty, or somebody else was quicker.
  }
}

function isStill(path: ByteString, file: number): boolean {
  const there = statSync(toPath(path), { throwIfNoEntry: false });
  const locked = fstatSync(file);
  return there !== undefined && there.ino === locked.ino && there.dev === locked.dev;
}

function held(release: () => void, abandon: () => void): AbandonableLock {
  let active = true;
  const end = (way: () => void) => () => {
    if (!active) return;
    active = false;
    way();
  };
  return { release: end(release), abandon: end(abandon) };
}
