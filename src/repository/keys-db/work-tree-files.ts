import {
  chmodSync,
  copyFileSync,
  constants,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { copyFile } from 'node:fs/promises';
import type { Key } from '../../domain/key.js';
import { maxPointerSize, parsePointer, pointerContent } from '../../domain/pointers.js';
import type { ByteString } from '../../lib/bytes.js';
import { fromBuffer, toBuffer, toPath } from '../../lib/buffers.js';
import type { FileLock } from '../locks/file-lock.js';
import { waitForFileLock } from '../locks/wait-for-lock.js';
import { type InodeCache, inodeCache, inodeCacheOf } from './inode-cache.js';

/** What is to be an unlocked file. */
export interface UnlockedContent {
  readonly key: Key;
  /** Undefined: the content is not here, and a pointer takes its place. */
  readonly object: ByteString | undefined;
  /** A hard link instead of a copy. */
  readonly link: boolean;
  /** Permissions, which a hard link shares with the object; the owner may write in any case. */
  readonly mode: number;
}

/** Replaces files of the work tree as a whole, by way of `.git/annex/othertmp`. */
export interface WorkTreeFiles {
  /** The key of the pointer that is at the path now; undefined: something else, or nothing. */
  pointerAt(path: ByteString): Key | undefined;
  /**
   * Puts an object's content where its pointer is, with the pointer's permissions and the object's time; `link` makes
   * it a hard link. Undefined: the pointer was gone by then.
   */
  fill(path: ByteString, key: Key, object: ByteString, link: boolean): Promise<InodeCache | undefined>;
  /** Puts an unlocked file in the place of what is there, with the object's time. Undefined: `still` was false by then. */
  put(
    path: ByteString,
    content: UnlockedContent,
    still: (file: ByteString) => boolean,
  ): Promise<InodeCache | undefined>;
  /** Puts a pointer where a file in the given state is, keeping permissions and time. Undefined: it has changed. */
  empty(path: ByteString, key: Key, state: InodeCache): Promise<InodeCache | undefined>;
  /** Where a path is, unless it leads through a symlink that has taken a directory's place. */
  locate(path: ByteString): ByteString | undefined;
  close(): void;
}

/** Bytes above which a copy does not block the event loop. */
const LARGE = 1 << 20;

/** @param placing told of a file's new state just before it gets it */
export function createWorkTreeFiles(
  workTree: ByteString,
  annexDir: ByteString,
  placing: (path: ByteString, state: InodeCache) => void,
): WorkTreeFiles {
  const temporary = `${annexDir}/othertmp`;
  let lock: FileLock | undefined;
  let count = 0;
  let verified = '';

  /** git-annex empties the folder when nobody holds a shared lock on it. */
  async function partialPath(): Promise<ByteString> {
    lock ??= await waitForFileLock(`${annexDir}/othertmp.lck` as ByteString, 'shared');
    mkdirSync(toPath(temporary as ByteString), { recursive: true });
    return `${temporary}/unlocked.${process.pid}.${count++}` as ByteString;
  }

  function locate(path: ByteString): ByteString | undefined {
    const folder = path.slice(0, path.lastIndexOf('/') + 1);
    if (folder !== verified && !isRealFolder(workTree, folder)) return undefined;
    verified = folder;
    return `${workTree}/${path}` as ByteString;
  }

  function pointerAt(path: ByteString): Key | undefined {
    const file = locate(path);
    return file === undefined ? undefined : readPointer(file);
  }

  function place(partial: ByteString, path: ByteString): InodeCache {
    const state = inodeCache(lstatSync(toPath(partial), { bigint: true }));
    placing(path, state);
    renameSync(toPath(partial), toPath(`${workTree}/${path}` as ByteString));
    return state;
  }

  async function put(
    path: ByteString,
    { key, object, link, mode }: UnlockedContent,
    still: (file: ByteString) => boolean,
  ): Promise<InodeCache | undefined> {
    const file = locate(path);
    if (file === undefined) return undefined;
    const partial = await partialPath();
    try {
      if (object === undefined) writePointer(partial, key, mode);
      else if (link) linkSync(toPath(object), toPath(partial));
      else await copyObject(object, partial, mode);
      return still(file) ? place(partial, path) : undefined;
    } finally {
      rmSync(toPath(partial), { force: true });
    }
  }

  return {
    pointerAt,
    locate,
    async fill(path, key, object, link) {
      const file = locate(path);
      const pointer = file === undefined ? undefined : lstatSync(toPath(file), { throwIfNoEntry: false });
      if (pointer === undefined) return undefined;
      try {
        return await put(path, { key, object, link, mode: pointer.mode }, (at) => readPointer(at) === key);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
        return undefined;
      }
    },
    put,
    async empty(path, key, state) {
      const file = locate(path);
      if (file === undefined) return undefined;
      const { mode, atime, mtime } = lstatSync(toPath(file));
      const partial = await partialPath();
      try {
        writePointer(partial, key, mode);
        utimesSync(toPath(partial), atime, mtime);
        if (inodeCacheOf(file) === state) return place(partial, path);
      } finally {
        rmSync(toPath(partial), { force: true });
      }
      return undefined;
    },
    close() {
      lock?.release();
      lock = undefined;
    },
  };
}

function writePointer(partial: ByteString, key: Key, mode: number): void {
  writeFileSync(toPath(partial), toBuffer(pointerContent(key)));
  chmodSync(toPath(partial), (mode | 0o200) & 0o777);
}

async function copyObject(object: ByteString, partial: ByteString, mode: number): Promise<void> {
  const { size, atime, mtime } = lstatSync(toPath(object));
  if (size > LARGE) await copyFile(toPath(object), toPath(partial), constants.COPYFILE_FICLONE);
  else copyFileSync(toPath(object), toPath(partial), constants.COPYFILE_FICLONE);
  chmodSync(toPath(partial), (mode | 0o200) & 0o777);
  utimesSync(toPath(partial), atime, mtime);
}

function readPointer(file: ByteString): Key | undefined {
  const stat = lstatSync(toPath(file), { throwIfNoEntry: false });
  if (stat === undefined || !stat.isFile() || stat.size > maxPointerSize) return undefined;
  return parsePointer(fromBuffer(readFileSync(toPath(file))));
}

/** Whether each component of `folder` (empty, or ending in a slash) is a directory and no symlink to one. */
function isRealFolder(top: ByteString, folder: string): boolean {
  for (let slash = folder.indexOf('/'); slash !== -1; slash = folder.indexOf('/', slash + 1)) {
    const path = toPath(`${top}/${folder.slice(0, slash)}` as ByteString);
    if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return false;
  }
  return true;
}
