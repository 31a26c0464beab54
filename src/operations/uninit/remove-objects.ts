import { chmodSync, lstatSync, rmSync, type Stats } from 'node:fs';
import { dirname } from 'node:path/posix';
import type { Key } from '../../domain/key.js';
import type { ByteString } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';
import { removeEmptyDirectories } from '../../repository/objects/content-lock.js';
import type { Repository } from '../../repository/repository.js';

/**
 * Removes the objects whose content the work tree has now: as a hard link, or as one of the given copies (absolute
 * paths). Linked files can be written afterwards. True: no object is left.
 */
export async function removeObjects(
  here: Repository,
  copies: ReadonlyMap<Key, readonly ByteString[]>,
): Promise<boolean> {
  const untracked = await untrackedFiles(here);
  const keys: Key[] = [];
  for await (const key of here.objects.keys()) keys.push(key);
  let left = false;
  for (const key of keys) {
    const object = here.objects.locate(key);
    if (object === undefined) continue;
    const stats = lstatSync(toPath(object));
    const linked = untracked.get(identity(stats)) ?? [];
    if (linked.length === 0 && !(await hasCopy(here, key, copies.get(key) ?? []))) {
      left = true;
      continue;
    }
    const directory = dirname(object) as ByteString;
    chmodSync(toPath(directory), 0o755);
    rmSync(toPath(object));
    removeEmptyDirectories(directory);
    for (const file of linked) chmodSync(toPath(file), (stats.mode | 0o200) & 0o777);
  }
  return !left;
}

async function hasCopy({ unlocked }: Repository, key: Key, files: readonly ByteString[]): Promise<boolean> {
  for (const file of files) if ((await unlocked.intactState(key, file)) !== undefined) return true;
  return false;
}

/** Files of the work tree that git does not know, by inode: those that were given back are among them, of earlier runs too. */
async function untrackedFiles({ git, location }: Repository): Promise<Map<string, ByteString[]>> {
  const files = new Map<string, ByteString[]>();
  for await (const path of git.records(['ls-files', '-z', '--others'], '\0')) {
    const file = `${location.workTree}/${path}` as ByteString;
    const stats = lstatSync(toPath(file), { throwIfNoEntry: false });
    if (stats === undefined || !stats.isFile() || stats.nlink < 2) continue;
    const id = identity(stats);
    files.set(id, [...(files.get(id) ?? []), file]);
  }
  return files;
}

const identity = ({ dev, ino }: Stats): string => `${dev} ${ino}`;
