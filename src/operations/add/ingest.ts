import {
  chmodSync,
  constants,
  copyFileSync,
  linkSync,
  lstatSync,
  lutimesSync,
  readlinkSync,
  renameSync,
  rmSync,
  type Stats,
  symlinkSync,
} from 'node:fs';
import { AnnexError } from '../../domain/errors.js';
import type { Key } from '../../domain/key.js';
import { symlinkTarget } from '../../domain/pointers.js';
import type { ByteString } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';
import type { ObjectStore } from '../../repository/objects/object-store.js';

/** A user's file whose key is known, about to be taken into the annex. */
export interface Ingest {
  /** Relative to the top of the work tree. */
  readonly path: ByteString;
  /** Absolute. */
  readonly file: ByteString;
  readonly key: Key;
  /** As it was before its content was hashed. */
  readonly stats: Stats;
}

/** A place for files on their way, on the file system of the annex; every name is given out once. */
export type Scratch = () => ByteString;

/**
 * Moves the content into the annex and puts a symlink in the file's place, with the file's time. At every moment the
 * file's name leads to its content: the content gets a second name in the annex, then the symlink takes the first one over
 * by a rename. When something fails the file is as it was.
 */
export async function ingestLocked(objects: ObjectStore, ingest: Ingest, scratch: Scratch): Promise<void> {
  const { file, stats, key } = ingest;
  assertUnchanged(ingest);
  await discardCorrupt(objects, key);
  const link = scratch();
  symlinkSync(toPath(symlinkTarget(key, ingest.path)), toPath(link));
  try {
    await admitSecondName(objects, ingest, scratch);
    lutimesSync(toPath(link), stats.atimeMs / 1000, stats.mtimeMs / 1000);
    takeOver(link, file);
  } catch (error) {
    rmSync(toPath(link), { force: true });
    throw error;
  }
}

/** Copies the content into the annex; the file stays as it is. A file system that can share the blocks does. */
export async function ingestUnlocked(objects: ObjectStore, ingest: Ingest, scratch: Scratch): Promise<void> {
  const { file, key } = ingest;
  await discardCorrupt(objects, key);
  const copy = scratch();
  try {
    copyFileSync(toPath(file), toPath(copy), constants.COPYFILE_FICLONE);
    chmodSync(toPath(copy), ingest.stats.mode & 0o777);
    lutimesSync(toPath(copy), ingest.stats.atimeMs / 1000, ingest.stats.mtimeMs / 1000);
    assertUnchanged(ingest);
    await objects.admit(key, copy);
  } catch (error) {
    rmSync(toPath(copy), { force: true });
    throw error;
  }
}

/**
 * `annex.thin`: makes the object a hard link of the file, which can still be written. False: that cannot be done here, and
 * nothing has happened.
 */
export async function ingestThin(
  objects: ObjectStore,
  ingest: Omit<Ingest, 'path'>,
  scratch: Scratch,
): Promise<boolean> {
  const { file, stats, key } = ingest;
  if (stats.nlink > 1 || objects.locate(key) !== undefined) return false;
  const link = scratch();
  try {
    linkSync(toPath(file), toPath(link));
  } catch (error) {
    if (cannotLink(error)) return false;
    throw error;
  }
  try {
    assertUnchanged(ingest);
    await objects.admit(key, link);
  } finally {
    rmSync(toPath(link), { force: true });
    chmodSync(toPath(file), stats.mode & 0o7777);
  }
  return true;
}

/** Content that is there already is about to replace the user's; it had better be right. */
async function discardCorrupt(objects: ObjectStore, key: Key): Promise<void> {
  const present = objects.locate(key);
  if (present === undefined) return;
  if ((await objects.verify(key, present)) === false) objects.quarantine(key);
}

async function admitSecondName(objects: ObjectStore, ingest: Ingest, scratch: Scratch): Promise<void> {
  const { file, stats, key } = ingest;
  const second = scratch();
  try {
    linkSync(toPath(file), toPath(second));
  } catch (error) {
    if (!cannotLink(error)) throw error;
    return admitByRename(objects, ingest, second);
  }
  try {
    await objects.admit(key, second);
  } catch (error) {
    rmSync(toPath(second), { force: true });
    chmodSync(toPath(file), stats.mode & 0o7777);
    throw error;
  }
}

/** Without hard links the name leads nowhere for a moment; it is given back when the annex cannot take the content. */
async function admitByRename(
  objects: ObjectStore,
  { file, stats, key }: Ingest,
  second: ByteString,
): Promise<void> {
  const away = `${file}.annex-ts-${process.pid}` as ByteString;
  try {
    renameSync(toPath(file), toPath(second));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    renameSync(toPath(file), toPath(away));
  }
  const held = lstatSync(toPath(second), { throwIfNoEntry: false }) === undefined ? away : second;
  try {
    await objects.admit(key, held);
  } catch (error) {
    renameSync(toPath(held), toPath(file));
    chmodSync(toPath(file), stats.mode & 0o7777);
    throw error;
  }
}

function takeOver(link: ByteString, file: ByteString): void {
  try {
    renameSync(toPath(link), toPath(file));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    const near = `${file}.annex-ts-${process.pid}.link` as ByteString;
    symlinkSync(readlinkSync(toPath(link), { encoding: 'buffer' }), toPath(near));
    renameSync(toPath(near), toPath(file));
    rmSync(toPath(link), { force: true });
  }
}

function assertUnchanged({ file, stats }: Omit<Ingest, 'path'>): void {
  const now = lstatSync(toPath(file), { throwIfNoEntry: false });
  const same =
    now !== undefined && now.ino === stats.ino && now.size === stats.size && now.mtimeMs === stats.mtimeMs;
  if (!same) throw new AnnexError('content-modified', 'changed while it was being added');
}

function cannotLink(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return ['EXDEV', 'EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK'].includes(code ?? '');
}
