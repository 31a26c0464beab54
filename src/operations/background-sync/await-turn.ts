import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import { tryFileLock } from '../../repository/locks/file-lock.js';
import { makeOwnFolder, ownLockMode } from './own-folder.js';

/** The place of the one process that will sync next. */
export interface Turn {
  /** To be called when the sync begins: from then on another process may wait for its turn. */
  begin(): void;
}

/** Files below `.git/annex/annex-ts` that the hook and the waiting process share. */
export const turnFiles = {
  /** Changed by each hook, before it looks for a waiting process. */
  wanted: 'sync-wanted',
  /** The id of the process that waits. */
  waiting: 'sync-waiting',
  log: 'sync.log',
} as const;

/** Looks at `wanted` that are made at most while it keeps changing. */
const mostLooks = 30;

/**
 * Waits until the hooks are silent for a while, as the one process that does so. What is committed until `begin` is part of
 * the sync that follows, so that hooks need not start another; what is committed after that finds no waiting process.
 * @param folder `.git/annex/annex-ts`
 * @param delay milliseconds of silence
 * @returns undefined when another process waits already
 */
export async function awaitTurn(folder: ByteString, delay: number): Promise<Turn | undefined> {
  makeOwnFolder(folder);
  const mode = ownLockMode(folder);
  const lock = tryFileLock(`${folder}/follower.lck` as ByteString, 'exclusive', { mode });
  if (lock === undefined) return undefined;
  const waiting = toPath(`${folder}/${turnFiles.waiting}` as ByteString);
  // Whoever shares the repository replaces the file: it may be another's.
  rmSync(waiting, { force: true });
  writeFileSync(waiting, `${process.pid}\n`);
  const wanted = `${folder}/${turnFiles.wanted}` as ByteString;
  let seen = lastChange(wanted);
  for (let looks = 0; delay > 0 && looks < mostLooks; looks++) {
    await sleep(delay);
    const now = lastChange(wanted);
    if (now === seen) break;
    seen = now;
  }
  return {
    begin() {
      rmSync(waiting, { force: true });
      lock.release();
    },
  };
}

/** What tells two changes apart, whatever the clock says: the file's time and its content, the hook's process id. */
function lastChange(path: ByteString): string {
  const time = statSync(toPath(path), { bigint: true, throwIfNoEntry: false })?.mtimeNs;
  return time === undefined ? '' : `${time} ${readFileSync(toPath(path), 'latin1').slice(0, 20)}`;
}
