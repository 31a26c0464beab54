import {
  appendFileSync,
  closeSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
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
 * `restage.log`; what others left there is done too. False: the index was locked.
 * @param patience milliseconds to wait for `index.lock`
 */
export async function restage(
  place: RestagePlace,
  files: readonly Restaged[],
  patience: number = PATIENCE,
): Promise<boolean> {
  const log = readLog(place);
  const all = [...parseLog(log), ...files];
  if (all.length === 0) return true;
  const queue = await waitForFileLock(`${place.annexDir}/gitqueue.lck` as ByteString, 'exclusive');
  try {
    const lock = await lockIndex(place.indexPath, patience);
    if (lock === undefined) {
      const noted = new Set(parseLog(log).map(lineOf));
      appendLog(
        place,
        files.filter((file) => !noted.has(lineOf(file))),
      );
      return false;
    }
    const patched = patchIndex(place, lock, all);
    if (!patched) await refreshByGit(place, all);
    forgetLog(place, log);
    return true;
  } finally {
    queue.release();
  }
}

/** The files of earlier runs that wait in `restage.log`, with the states those gave them. */
export function leftToRestage(annexDir: ByteString): readonly Restaged[] {
  return parseLog(readLog({ annexDir }));
}

/**
 * Notes in `restage.log` that a file is about to change, so that another run puts git's index right if this one is killed
 * first. Where that cannot be written it is done without: it is about what `git status` shows, not about content.
 */
export function noteRestaged(annexDir: ByteString, file: Restaged): void {
  if (file.path.includes('\n')) return;
  try {
    appendFileSync(toPath(`${annexDir}/restage.log` as ByteString), toBuffer(lineOf(file)));
  } catch {
    // A full disk, for instance; the file itself will tell.
  }
}

interface IndexLock {
  readonly file: number;
  readonly path: ByteString;
}

async function lockIndex(indexPath: ByteString, patience: number): Promise<IndexLock | undefined> {
  const path = `${indexPath}.lock` as ByteString;
  for (const start = Date.now(); ; ) {
    try {
      return { file: openSync(toPath(path), 'wx', statSync(toPath(indexPath)).mode & 0o777), path };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EEXIST') return undefined;
      if (Date.now() - start >= patience) return undefined;
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
function logPath(place: Pick<RestagePlace, 'annexDir'>): ByteString {
  return `${place.annexDir}/restage.log` as ByteString;
}

function lineOf({ path, cache }: Restaged): ByteString {
  return `${cache}:${path}\n` as ByteString;
}

function appendLog(place: RestagePlace, files: readonly Restaged[]): void {
  const lines = files.filter(({ path }) => !path.includes('\n')).map(lineOf);
  if (lines.length > 0) appendFileSync(toPath(logPath(place)), toBuffer(lines.join('') as ByteString));
}

/** Empty where there is none. */
function readLog(place: Pick<RestagePlace, 'annexDir'>): string {
  try {
    return readFileSync(toPath(logPath(place)), 'latin1');
  } catch {
    return '';
  }
}

function parseLog(log: string): Restaged[] {
  return log.split('\n').flatMap((line) => {
    const colon = line.indexOf(':');
    if (colon === -1) return [];
    return [{ cache: line.slice(0, colon) as InodeCache, path: line.slice(colon + 1) as ByteString }];
  });
}

/** Takes off the log what was done, and leaves what has come to it since, also of this run. */
function forgetLog(place: RestagePlace, done: string): void {
  const lock = tryFileLock(`${place.annexDir}/restage.lck` as ByteString, 'exclusive');
  if (lock === undefined) return;
  try {
    const now = readLog(place);
    if (now === done) rmSync(toPath(logPath(place)), { force: true });
    else if (now.startsWith(done)) writeFileSync(toPath(logPath(place)), now.slice(done.length), 'latin1');
  } finally {
    lock.release();
  }
}
