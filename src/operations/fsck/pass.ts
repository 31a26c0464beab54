import { readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { AnnexError } from '../../domain/errors.js';
import type { Key } from '../../domain/key.js';
import type { Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';
import { type FileLock, tryFileLock } from '../../repository/locks/file-lock.js';
import { waitForFileLock } from '../../repository/locks/wait-for-lock.js';
import { createPermissions, makeDirectories, sharingOf } from '../../repository/objects/permissions.js';
import type { Repository } from '../../repository/repository.js';
import { type CheckedKeys, forgetCheckedKeys, openCheckedKeys } from './checked-keys.js';

/** Which files an incremental check looks at. */
export type Incremental =
  /** `--incremental`: all, forgetting what was checked before. */
  | { readonly kind: 'start' }
  /** `--more`: those that were not checked since the last start. */
  | { readonly kind: 'more' }
  /** `--incremental-schedule`: as `more`, and the next run starts anew when the last start is so many milliseconds ago. */
  | { readonly kind: 'schedule'; readonly every: number };

/** One run of fsck over a repository's contents, among other runs. */
export interface Pass {
  /** Whether the key has still to be checked. */
  wants(key: Key): boolean;
  /** The key was checked, and all was well. */
  passed(key: Key): void;
  /** Remembers what was checked, and lets other runs start anew. */
  end(): void;
}

export interface PassOptions {
  readonly here: Pick<Repository, 'annexDir' | 'uuid' | 'settings'>;
  /** The repository that is checked: this one or a remote. */
  readonly checked: Uuid;
  readonly incremental: Incremental | undefined;
  readonly signal: AbortSignal;
}

/**
 * Joins or starts a pass, with git-annex's lock and files in `fsck/<uuid>/` (below `annex.dbdir` if that is set).
 * @throws AnnexError `locked` when a new pass may not start since somebody is at the last one; `usage` when keys can't be
 * remembered on this machine
 */
export async function openPass(options: PassOptions): Promise<Pass> {
  const { incremental } = options;
  const { settings } = options.here;
  const permissions = createPermissions(sharingOf(settings), false);
  const directory = directoryOf(options);
  makeDirectories(directory, permissions);
  const mode = permissions.fileMode(0o644);
  const lockPath = `${directory}/fsck.lck` as ByteString;
  const started = readStart(directory);
  const startsAnew =
    incremental?.kind === 'start' || (incremental?.kind === 'schedule' && started === undefined);
  if (startsAnew) startAnew(directory, lockPath, mode);
  const lock = await waitForFileLock(lockPath, 'shared', { mode, signal: options.signal });
  try {
    const checked = openCheckedKeys(directory);
    if (checked === undefined && incremental !== undefined) throw unable();
    const skips = incremental !== undefined && !startsAnew;
    const ended = (): void => {
      if (incremental?.kind === 'schedule' && isDue(directory, incremental.every)) forgetStart(directory);
    };
    return pass(lock, checked, skips, ended);
  } catch (error) {
    lock.release();
    throw error;
  }
}

function pass(lock: FileLock, checked: CheckedKeys | undefined, skips: boolean, ended: () => void): Pass {
  return {
    wants: (key) => !(skips && checked?.has(key)),
    passed: (key) => checked?.add(key),
    end() {
      try {
        checked?.close();
        ended();
      } finally {
        lock.release();
      }
    },
  };
}

function directoryOf({ here, checked }: PassOptions): ByteString {
  const custom = here.settings.get('annex.dbdir');
  const base = custom ? `${custom}/${here.uuid}` : here.annexDir;
  return `${base}/fsck/${checked.replaceAll('/', '_')}` as ByteString;
}

function startAnew(directory: ByteString, lockPath: ByteString, mode: number | undefined): void {
  const lock = tryFileLock(lockPath, 'exclusive', { mode });
  if (lock === undefined) {
    throw new AnnexError(
      'locked',
      'Cannot start a new --incremental fsck pass; another fsck process is already running.',
    );
  }
  try {
    forgetCheckedKeys(directory);
    writeStart(directory);
  } finally {
    lock.release();
  }
}

const statePath = (directory: ByteString) => toPath(`${directory}/state` as ByteString);

/** `<seconds since 1970>s`, of which the file's time is a copy: a state brought here with other files does not count. */
function writeStart(directory: ByteString): void {
  const seconds = Math.floor(Date.now() / 1000);
  writeFileSync(statePath(directory), `${seconds}s`);
  utimesSync(statePath(directory), seconds, seconds);
}

/** Seconds since 1970 when the pass was started; undefined: there is none. */
function readStart(directory: ByteString): number | undefined {
  try {
    const seconds = /^(\d+)s$/.exec(readFileSync(statePath(directory), 'latin1'))?.[1];
    const { mtimeMs } = statSync(statePath(directory));
    return seconds !== undefined && Math.floor(mtimeMs / 1000) === Number(seconds)
      ? Number(seconds)
      : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function isDue(directory: ByteString, every: number): boolean {
  const started = readStart(directory);
  return started !== undefined && Date.now() - started * 1000 >= every;
}

function forgetStart(directory: ByteString): void {
  rmSync(statePath(directory), { force: true });
}

function unable(): AnnexError {
  return new AnnexError('usage', 'Incremental checks need SQLite, which this installation lacks.', {
    hint: 'Install the npm package libsql beside git-annex-ts, or run it with Node 22.13 or later.',
  });
}
