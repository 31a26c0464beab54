import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs';
import { toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';

/** Folders watched for entries that appear, go, or get another content. */
export interface FolderWatch {
  /** Watches these folders, and no others any more; folders that do not exist are left out. False: not all can be. */
  cover(folders: Iterable<ByteString>): boolean;
  close(): void;
}

/** More are not watched: each costs memory of the kernel that all programs of a user share. */
const MOST = 4096;

/** @param onChange hears the folder and the entry's name in it */
export function watchFolders(onChange: (folder: ByteString, name: string) => void): FolderWatch {
  const watched = new Map<ByteString, { readonly inode: number; readonly watcher: FSWatcher }>();

  function forget(folder: ByteString): void {
    watched.get(folder)?.watcher.close();
    watched.delete(folder);
  }
  function add(folder: ByteString): boolean {
    const inode = statSync(toPath(folder), { throwIfNoEntry: false })?.ino;
    // One that was deleted and made again is another one.
    if (watched.get(folder)?.inode === inode) return true;
    forget(folder);
    if (inode === undefined) return true;
    if (watched.size >= MOST) return false;
    try {
      const watcher = watch(toPath(folder), { encoding: 'latin1' }, (_, name) =>
        onChange(folder, name ?? ''),
      );
      watcher.on('error', () => forget(folder));
      watched.set(folder, { inode, watcher });
      return true;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ENOENT';
    }
  }

  return {
    cover(folders) {
      const wanted = new Set(folders);
      for (const folder of [...watched.keys()]) if (!wanted.has(folder)) forget(folder);
      return [...wanted].map(add).every(Boolean);
    },
    close() {
      for (const folder of [...watched.keys()]) forget(folder);
    },
  };
}

/** A folder and all folders below it. */
export function* foldersFrom(folder: ByteString): Generator<ByteString> {
  yield folder;
  for (const entry of entriesOf(folder)) {
    if (entry.isDirectory()) yield* foldersFrom(`${folder}/${entry.name}` as ByteString);
  }
}

function entriesOf(folder: ByteString) {
  try {
    return readdirSync(toPath(folder), { withFileTypes: true, encoding: 'latin1' });
  } catch {
    return [];
  }
}
