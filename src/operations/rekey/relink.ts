import {
  chmodSync,
  constants,
  copyFileSync,
  linkSync,
  lstatSync,
  lutimesSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { AnnexError } from '../../domain/errors.js';
import type { Key } from '../../domain/key.js';
import { maxPointerSize, parsePointer, pointerContent, symlinkTarget } from '../../domain/pointers.js';
import type { ByteString } from '../../lib/bytes.js';
import { fromBuffer, toBuffer, toPath } from '../../lib/buffers.js';
import type { Repository } from '../../repository/repository.js';
import type { Scratch } from '../add/ingest.js';
import type { Staged } from '../add/stage.js';
import type { Item } from '../select/item.js';

/**
 * Gives the content of one key a second name as that of another, by a hard link where that is possible and an unlocked file
 * does not share the content, else by a copy. The content must have been checked against the new key where that can be
 * done. Nothing is done when the new key's content is here.
 */
export async function duplicateObject(
  { objects }: Repository,
  object: ByteString,
  key: Key,
  scratch: Scratch,
): Promise<void> {
  if (objects.locate(key) !== undefined) return;
  const second = scratch();
  const stats = lstatSync(toPath(object));
  try {
    if (stats.nlink > 1 && (stats.mode & 0o222) !== 0) throw Object.assign(new Error(), { code: 'EMLINK' });
    linkSync(toPath(object), toPath(second));
  } catch {
    objects.reserve(stats.size);
    copyFileSync(toPath(object), toPath(second), constants.COPYFILE_FICLONE);
    chmodSync(toPath(second), stats.mode & 0o777);
    lutimesSync(toPath(second), stats.atimeMs / 1000, stats.mtimeMs / 1000);
  }
  try {
    await objects.admit(key, second);
  } catch (error) {
    rmSync(toPath(second), { force: true });
    throw error;
  }
}

/**
 * Makes a work tree file stand for another key, and gives what is to be staged of it. A link keeps its time; an unlocked
 * file with content keeps that, which must be the new key's, and a pointer becomes the new key's.
 */
export async function relinkFile(here: Repository, item: Item, key: Key, scratch: Scratch): Promise<Staged> {
  const { location, objects, unlocked } = here;
  const path = item.path as ByteString;
  const file = `${location.workTree}/${path}` as ByteString;
  const stats = lstatSync(toPath(file));
  const fresh = scratch();
  if (stats.isSymbolicLink()) {
    const target = symlinkTarget(key, path);
    symlinkSync(toPath(target), toPath(fresh));
    lutimesSync(toPath(fresh), stats.atimeMs / 1000, stats.mtimeMs / 1000);
    renameSync(toPath(fresh), toPath(file));
    return { path, mode: '120000', content: target };
  }
  const content = pointerContent(key);
  const mode = (stats.mode & 0o111) === 0 ? '100644' : '100755';
  if (stats.size <= maxPointerSize && isPointerOf(item.key, file)) {
    writeFileSync(toPath(fresh), toBuffer(content), { mode: stats.mode & 0o777 });
    renameSync(toPath(fresh), toPath(file));
  } else if (await holdsContent(here, item.key, file)) {
    const object = objects.locate(key);
    unlocked.remember(key, file, ...(object === undefined ? [] : [object]));
  }
  return { path, mode, content };
}

function isPointerOf(key: Key, file: ByteString): boolean {
  return parsePointer(fromBuffer(readFileSync(toPath(file)))) === key;
}

/** Whether an unlocked file has the key's content, unmodified. Where nothing is remembered of the file it is hashed. */
async function holdsContent({ objects, unlocked }: Repository, key: Key, file: ByteString): Promise<boolean> {
  if ((await unlocked.keysInState(file)).includes(key)) return true;
  const answer = await objects.verify(key, file);
  const object = objects.locate(key);
  if (answer !== undefined || object === undefined) return answer === true;
  const [a, b] = [lstatSync(toPath(file)), lstatSync(toPath(object))];
  return a.size === b.size && a.mtimeMs === b.mtimeMs;
}

/** What an item's object is verified with, before anything is made of it. */
export async function verifiedObject(
  { objects }: Repository,
  object: ByteString,
  key: Key,
  note: (text: string) => void,
): Promise<void> {
  const answer = await objects.verify(key, object);
  if (answer !== undefined) note('checksum...');
  if (answer === false) throw new AnnexError('content-corrupt', 'Verification of content failed');
}
