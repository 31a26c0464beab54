import { lstatSync, lutimesSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { AnnexError } from '../../domain/errors.js';
import type { Key } from '../../domain/key.js';
import { maxPointerSize, parsePointer, symlinkTarget } from '../../domain/pointers.js';
import type { ByteString } from '../../lib/bytes.js';
import { fromBuffer, toPath } from '../../lib/buffers.js';
import { readFileSync } from 'node:fs';
import { type InodeCache, inodeCacheOf } from '../../repository/keys-db/inode-cache.js';
import type { Repository } from '../../repository/repository.js';
import type { Scratch } from '../add/ingest.js';
import { openScratch } from '../add/scratch.js';
import type { Staged } from '../add/stage.js';
import type { OperationContext, Outcome } from '../context.js';
import type { Selection } from '../select/select.js';
import type { RunningAction } from '../transfer/running-action.js';
import { type Convert, convertFiles } from '../unlock/convert-files.js';
import { linkTarget } from '../unlock/unlock.js';
import { type AnnexContent, createAnnexContent } from './annex-content.js';

export interface LockRequest {
  /** Files that were modified are locked too, and what they held is lost. */
  readonly force: boolean;
}

/** Makes unlocked files locked ones: `lock`. */
export async function lock(
  here: Repository,
  selection: Selection,
  request: LockRequest,
  context: OperationContext,
): Promise<Outcome> {
  const scratch = await openScratch(here.annexDir, context.signal);
  const content = createAnnexContent(here, scratch.name);
  try {
    return await convertFiles(here, selection, 'lock', context, locker(here, content, scratch.name, request));
  } finally {
    await content.record().finally(() => scratch.release());
  }
}

function locker(here: Repository, content: AnnexContent, scratch: Scratch, { force }: LockRequest): Convert {
  const { location, unlocked } = here;

  async function stateOf(key: Key, file: ByteString, running: RunningAction): Promise<FileState> {
    const now = inodeCacheOf(file);
    if (isPointerOf(key, file)) return { intact: false, cache: now };
    const intact = await unlocked.intactState(key, file, () => running.note('checksum...'));
    if (intact !== undefined) return { intact: true, cache: intact };
    if (!force) throw new AnnexError('content-modified', `git-annex: ${WOULD_DISCARD}`);
    return { intact: false, cache: now };
  }

  /** A run that was killed has put the link there, and not told git, which still knows a pointer. */
  async function resume(path: ByteString, key: Key, running: RunningAction): Promise<Staged | undefined> {
    const target = symlinkTarget(key, path);
    if (linkTarget(`${location.workTree}/${path}` as ByteString) !== target) return undefined;
    running.start();
    await content.secure(key, undefined);
    content.seal(key);
    return { path, mode: '120000', content: target };
  }

  return async ({ path, key, unlocked: pointer }, running) => {
    if (path === undefined) return undefined;
    if (pointer) {
      const resumed = await resume(path, key, running);
      if (resumed !== undefined) return resumed;
    }
    const file = `${location.workTree}/${path}` as ByteString;
    if (lstatSync(toPath(file), { throwIfNoEntry: false })?.isFile() !== true) return undefined;
    running.start();
    const { intact, cache } = await stateOf(key, file, running);
    await content.secure(key, intact ? file : undefined);
    const target = symlinkTarget(key, path);
    if (!replaceByLink(file, target, cache, scratch())) {
      throw new AnnexError('content-modified', 'changed while it was being locked');
    }
    content.seal(key);
    return { path, mode: '120000', content: target };
  };
}

const WOULD_DISCARD =
  "Locking this file would discard any changes you have made to it. Use 'git annex add' to stage your changes. (Or, use --force to override)";

interface FileState {
  /** Whether it holds the key's content. */
  readonly intact: boolean;
  readonly cache: InodeCache | undefined;
}

function isPointerOf(key: Key, file: ByteString): boolean {
  const { size } = lstatSync(toPath(file));
  return size <= maxPointerSize && parsePointer(fromBuffer(readFileSync(toPath(file)))) === key;
}

/** The link gets the file's time. False: the file is not in that state any more. */
function replaceByLink(
  file: ByteString,
  target: ByteString,
  state: InodeCache | undefined,
  link: ByteString,
): boolean {
  const { atime, mtime } = lstatSync(toPath(file));
  symlinkSync(toPath(target), toPath(link));
  try {
    lutimesSync(toPath(link), atime, mtime);
    if (state === undefined || inodeCacheOf(file) !== state) return false;
    renameSync(toPath(link), toPath(file));
    return true;
  } finally {
    rmSync(toPath(link), { force: true });
  }
}
