import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  readFileSync,
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

/** Tries to lock a whole open file without waiting; it is unlocked by closing it. */
export type TryLock = (file: number, shared: boolean) => boolean;

export interface ContentLocks {
  /** Undefined: the content is absent, or being dropped, or cannot be locked by this user. */
  shared(content: ByteString): HeldLock | undefined;
  exclusive(content: ByteString): HeldLock | undefined;
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
  };
}

function tolerant(attempt: () => HeldLock | undefined): HeldLock | undefined {
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
): HeldLock | undefined {
  if (!shared) options.lockdown.thawFile(content);
  let file: number;
  try {
    file = openSync(toPath(content), shared ? 'r' : 'r+');
  } finally {
    if (!shared) options.lockdown.freezeFile(content);
  }
  if (options.tryLock(file, shared) && isStill(content, file)) return held(() => closeSync(file));
  closeSync(file);
  return undefined;
}

/** The holder of the exclusive lock deletes the lock file, so what was locked may be gone: then it is tried again. */
function lockBeside(options: ContentLockOptions, content: ByteString, shared: boolean): HeldLock | undefined {
  const path = `${content}.lck` as ByteString;
  for (let attempt = 0; attempt < 10; attempt++) {
    if (!existsSync(toPath(content))) return undefined;
    const file = openLockFile(options, path, shared);
    if (!options.tryLock(file.descriptor, shared)) {
      closeLockFile(options, file, false);
      return undefined;
    }
    if (isStill(path, file.descriptor)) return takeBeside(options, content, path, file, shared);
    closeLockFile(options, file, false);
  }
  return undefined;
}

function takeBeside(
  options: ContentLockOptions,
  content: ByteString,
  path: ByteString,
  file: OpenLockFile,
  shared: boolean,
): HeldLock | undefined {
  const release = () => {
    // Deleting takes the exclusive lock; another holder of a shared one keeps the file, and deletes it in turn.
    let deleted = false;
    try {
      if (!shared || becomesExclusive(options, file.descriptor)) {
        deleteLockFile(options, content, path);
        deleted = true;
      }
    } finally {
      closeLockFile(options, file, deleted);
    }
  };
  const absent = !existsSync(toPath(content));
  if (!absent && (shared || !isRetained(content))) return held(release);
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

function deleteLockFile(options: ContentLockOptions, content: ByteString, path: ByteString): void {
  const directory = dirname(path) as ByteString;
  options.lockdown.thawDirectory(directory);
  unlinkSync(toPath(path));
  if (existsSync(toPath(content))) options.lockdown.freezeDirectory(directory);
  else removeEmptyDirectories(directory);
}

/** A client that locked the content over the network and vanished: it is kept until the time in `<content>.rtm`. */
function isRetained(content: ByteString): boolean {
  const until = readRetention(content);
  return until !== undefined && Date.now() / 1000 < until;
}

function readRetention(content: ByteString): number | undefined {
  try {
    const text = readFileSync(toPath(`${content}.rtm` as ByteString), 'latin1');
    const seconds = Number.parseFloat(text);
    // What cannot be read may have been meant to keep the content.
    return Number.isFinite(seconds) ? seconds : Number.POSITIVE_INFINITY;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Deletes what is left of a retention that has run out. */
export function deleteRetention(content: ByteString): void {
  for (const suffix of ['.rtm', '.rtl']) {
    const file = toPath(`${content}${suffix}` as ByteString);
    if (existsSync(file)) unlinkSync(file);
  }
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

function held(release: () => void): HeldLock {
  let active = true;
  return {
    release() {
      if (!active) return;
      active = false;
      release();
    },
  };
}
