import {
  chmodSync,
  constants,
  copyFileSync,
  linkSync,
  lstatSync,
  renameSync,
  rmSync,
  utimesSync,
} from 'node:fs';
import { type Key, keySize } from '../../domain/key.js';
import { maxPointerSize, parsePointer, parseSymlink } from '../../domain/pointers.js';
import type { ByteString } from '../../lib/bytes.js';
import { fromBuffer, toPath } from '../../lib/buffers.js';
import { readFileSync } from 'node:fs';
import type { Repository } from '../../repository/repository.js';
import type { Scratch } from '../add/ingest.js';
import { openScratch } from '../add/scratch.js';
import type { OperationContext, Outcome } from '../context.js';
import type { Selection } from '../select/select.js';
import { type Convert, convertFiles } from '../unlock/convert-files.js';
import { linkTarget } from '../unlock/unlock.js';

export interface UnannexRequest {
  /** Hard links instead of copies, where the file system has them. */
  readonly fast: boolean;
  /** Told of each file that was given back; `copy`: it holds the key's content and is no link to the object. */
  readonly given?: (key: Key, file: ByteString, copy: boolean) => void;
}

/** Gives files back as they were before they were added; their contents stay in the annex too: `unannex`. */
export async function unannex(
  here: Repository,
  selection: Selection,
  request: UnannexRequest,
  context: OperationContext,
): Promise<Outcome> {
  const scratch = await openScratch(here.annexDir, context.signal);
  try {
    return await convertFiles(here, selection, 'unannex', context, giver(here, scratch.name, request));
  } finally {
    scratch.release();
  }
}

function giver(
  { location, objects, unlocked }: Repository,
  scratch: Scratch,
  request: UnannexRequest,
): Convert {
  return async ({ path, key }, running) => {
    if (path === undefined) return undefined;
    const file = `${location.workTree}/${path}` as ByteString;
    const target = linkTarget(file);
    const object = objects.locate(key);
    if (target === undefined) {
      if (isPointer(file)) return undefined;
      running.start();
      if (request.given !== undefined && (await unlocked.intactState(key, file)) !== undefined) {
        request.given(key, file, true);
      }
    } else {
      if (object === undefined || parseSymlink(target) !== key) return undefined;
      running.start();
      if (!request.fast) objects.reserve(keySize(key) ?? 0);
      const copied = giveBack(file, target, object, scratch(), request.fast);
      request.given?.(key, file, copied);
    }
    return { path, mode: '0', content: '' as ByteString };
  };
}

function isPointer(file: ByteString): boolean {
  const stats = lstatSync(toPath(file));
  if (!stats.isFile() || stats.size > maxPointerSize) return false;
  return parsePointer(fromBuffer(readFileSync(toPath(file)))) !== undefined;
}

/** Puts the content where the symlink is. True: as a copy, false: as a hard link. */
function giveBack(
  file: ByteString,
  target: ByteString,
  object: ByteString,
  place: ByteString,
  fast: boolean,
): boolean {
  try {
    const linked = fast && tryLink(object, place);
    if (!linked) copyOut(object, place);
    if (linkTarget(file) !== target) throw new Error('changed while it was being unannexed');
    renameSync(toPath(place), toPath(file));
    return !linked;
  } finally {
    rmSync(toPath(place), { force: true });
  }
}

function tryLink(object: ByteString, place: ByteString): boolean {
  try {
    linkSync(toPath(object), toPath(place));
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (['EXDEV', 'EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK'].includes(code ?? '')) return false;
    throw error;
  }
}

function copyOut(object: ByteString, place: ByteString): void {
  const { mode, atime, mtime } = lstatSync(toPath(object));
  copyFileSync(toPath(object), toPath(place), constants.COPYFILE_FICLONE);
  chmodSync(toPath(place), (mode | 0o200) & 0o777);
  utimesSync(toPath(place), atime, mtime);
}
