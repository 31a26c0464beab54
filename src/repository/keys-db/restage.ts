import {
  closeSync,
  existsSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
  appendFileSync,
} from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ByteString } from '../../lib/bytes.js';
import { toBuffer, toPath } from '../../lib/buffers.js';
import type { Git } from '../git/git.js';
import { tryFileLock } from '../locks/file-lock.js';
import { waitForFileLock } from '../locks/wait-for-lock.js';
import { distrustIfRecent, isIntact, readIndexEntries, sealIndex, setEntryStat } from './index-file.js';
import { type InodeCache, inodeCacheOf } from './inode-cache.js';

/** A work tree file that changed between pointer and content, which to git is no change. */
export interface Restaged {
  /** Relative to the top. */
  readonly path: ByteString;
  /** Its state after that. If it has another one now, the user has changed it. */
  readonly cache: InodeCache;
}

export interface RestagePlace {
  readonly annexDir: ByteString;
  readonly workTree: ByteString;
  readonly indexPath: ByteString;
  readonly hashBytes: number;
  readonly git: Git;
}

/** Milliseconds to wait for `index.lock`, and between two tries. */
const PATIENCE = 2000;
const PAUSE = 20;

/**
 * Makes git take the files for unmodified: their new state goes into git's index, without git running a filter over
 * their content. When somebody else keeps the index locked they are left to a later run, of either program, in
 * `restage.log`. False: that happened.
 */
export async function restage(place: RestagePlace, files: readonly Restaged[]): Promise<boolean> {
  const earlier = takeLog(place);
  const all = [...earlier, ...files];
  if (all.length === 0) return true;
  const queue = await waitForFileLock(`${place.annexDir}/gitqueue.lck` as ByteString, 'exclusive');
  try {
    const lock = await lockIndex(place.indexPath);
    if (lock === undefined) {
      appendLog(place, all);
      return false;
    }
    const patched = patchIndex(place, lock, all);
    if (!patched) await refreshByGit(place, all);
    return true;
  } finally {
    queue.release();
  }
}

interface IndexLock {
  readonly file: number;
  readonly path: ByteString;
}

async function lockIndex(indexPath: ByteString): Promise<IndexLock | undefined> {
  const path = `${indexPath}.lock` as ByteString;
  for (const start = Date.now(); ; ) {
    try {
      return { file: openSync(toPath(path), 'wx', statSync(toPath(indexPath)).mode & 0o777), path };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EEXIST') return undefined;
      if (Date.now() - start > PATIENCE) return undefined;
    }
    await sleep(PAUSE);
  }
}

/** False: the index is of a kind not written here, and unchanged. */
function patchIndex(place: RestagePlace, lock: IndexLock, files: readonly Restaged[]): boolean {
  let complete = false;
  try {
    const index = readFileSync(toPath(place.indexPath));
    const states = new Map(files.map(({ path, cache }) => [path, cache]));
    if (!isIntact(index, place.hashBytes)) return false;
    const written = Math.floor(statSync(toPath(place.indexPath)).mtimeMs / 1000);
    const entries = readIndexEntries(index, place.hashBytes, (mode, offset) => {
      distrustIfRecent(index, offset, written);
      return (mode & 0o170000) === 0o100000;
    });
    if (entries === undefined) return false;
    for (const { path, stage, offset } of entries) {
      const cache = stage === 0 ? states.get(path) : undefined;
      const file = `${place.workTree}/${path}` as ByteString;
      if (cache === undefined || inodeCacheOf(file) !== cache) continue;
      setEntryStat(index, offset, lstatSync(toPath(file), { bigint: true }));
    }
    sealIndex(index, place.hashBytes);
    for (let at = 0; at < index.length; ) at += writeSync(lock.file, index, at);
    complete = true;
  } finally {
    closeSync(lock.file);
    if (!complete) unlinkSync(toPath(lock.path));
  }
  renameSync(toPath(lock.path), toPath(place.indexPath));
  return true;
}

async function refreshByGit({ git }: RestagePlace, files: readonly Restaged[]): Promise<void> {
  const input = files.map(({ path }) => `${path}\0`).join('') as ByteString;
  await git.run(['-c', 'core.safecrlf=false', 'update-index', '-q', '--refresh', '-z', '--stdin'], {
    input,
    accept: 'any',
  });
}

/** git-annex's log of what still has to be restaged: `INODE SIZE SECONDS NANOSECONDS:PATH` lines. */
function logPath(place: RestagePlace): ByteString {
  return `${place.annexDir}/restage.log` as ByteString;
}

function appendLog(place: RestagePlace, files: readonly Restaged[]): void {
  const lock = tryFileLock(`${place.annexDir}/restage.lck` as ByteString, 'exclusive');
  try {
    const lines = files
      .filter(({ path }) => !path.includes('\n'))
      .map(({ path, cache }) => `${cache}:${path}\n`);
    appendFileSync(toPath(logPath(place)), toBuffer(lines.join('') as ByteString));
  } finally {
    lock?.release();
  }
}

function takeLog(place: RestagePlace): Restaged[] {
  const path = toPath(logPath(place));
  if (!existsSync(path)) return [];
  const lock = tryFileLock(`${place.annexDir}/restage.lck` as ByteString, 'exclusive');
  if (lock === undefined) return [];
  try {
    const lines = readFileSync(path, 'latin1').split('\n');
    unlinkSync(path);
    return lines.flatMap((line) => {
      const colon = line.indexOf(':');
      return colon === -1
        ? []
        : [{ cache: line.slice(0, colon) as InodeCache, path: line.slice(colon + 1) as ByteString }];
    });
  } finally {
    lock.release();
  }
}
