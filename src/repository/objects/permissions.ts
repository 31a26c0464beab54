import { chmodSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path/posix';
import type { ByteString } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';
import type { Settings } from '../settings/settings.js';

/** What `core.sharedRepository` says. A number is the mode of files. */
export type Sharing = 'umask' | 'group' | 'all' | number;

export function sharingOf(settings: Settings): Sharing {
  const value = settings.get('core.sharedrepository')?.toLowerCase() ?? 'umask';
  if (['group', 'true', 'yes', 'on', '1'].includes(value)) return 'group';
  if (['all', 'world', 'everybody', '2'].includes(value)) return 'all';
  return /^0[0-7]{3}$/.test(value) ? Number.parseInt(value, 8) : 'umask';
}

const READ = 0o444;
const WRITE = 0o222;
const GROUP_READ_WRITE = 0o060;
const SET_GROUP = 0o2000;

/**
 * Modes of what is made in the annex, measured against git-annex for every `core.sharedRepository` and umask. Content is
 * read-only, but in version 8 and 9 shared repositories it stays writable, since there the content file is the lock.
 */
export interface Permissions {
  /** For lock files, journal files and the like. Undefined: what the umask gives. */
  fileMode(made: number): number | undefined;
  /** For directories. Undefined: what the umask gives. */
  directoryMode(made: number): number | undefined;
  /** For content at rest, given its present mode. */
  frozenFile(mode: number): number;
  /** For the directory of content at rest, given its present mode. */
  frozenDirectory(mode: number): number;
}

export function createPermissions(sharing: Sharing, contentIsLock: boolean): Permissions {
  if (typeof sharing === 'number') return numericPermissions(sharing, contentIsLock);
  if (sharing === 'umask') {
    return {
      fileMode: () => undefined,
      directoryMode: () => undefined,
      frozenFile: (mode) => (mode | 0o400) & ~WRITE & 0o7777,
      frozenDirectory: (mode) => mode & ~WRITE & 0o7777,
    };
  }
  const files = sharing === 'group' ? GROUP_READ_WRITE : GROUP_READ_WRITE | READ;
  const directories = files | (sharing === 'group' ? 0o010 : 0o011);
  const locks = sharing === 'group' ? 0o220 : WRITE;
  const readable = sharing === 'group' ? 0o440 : READ;
  return {
    fileMode: (made) => made | files,
    directoryMode: (made) => made | directories,
    frozenFile: (mode) => (contentIsLock ? mode | readable | locks : (mode | readable) & ~WRITE) & 0o7777,
    frozenDirectory: (mode) => (mode | directories | 0o200) & 0o7777,
  };
}

function numericPermissions(mode: number, contentIsLock: boolean): Permissions {
  const search = (mode & READ) >> 2;
  const directory = mode | search | ((mode & 0o070) === 0 ? 0 : SET_GROUP);
  return {
    fileMode: () => mode,
    directoryMode: () => directory,
    frozenFile: () => (contentIsLock ? mode : mode & ~WRITE),
    frozenDirectory: () => directory & ~0o200,
  };
}

/** Makes a directory and the missing ones above it, with the repository's modes. False: it was there already. */
export function makeDirectories(directory: ByteString, permissions: Permissions): boolean {
  const first = mkdirSync(toPath(directory), { recursive: true });
  if (first === undefined) return false;
  const mode = permissions.directoryMode(0o755);
  if (mode === undefined) return true;
  // The path that comes back is text, so that only its number of components is sure.
  const depth = first.split('/').length;
  for (let at: string = directory; at.split('/').length >= depth; at = dirname(at)) {
    chmodSync(toPath(at as ByteString), mode);
  }
  return true;
}
