import { readdirSync, rmSync, statSync } from 'node:fs';
import { keyFileName, parseKeyFileName } from '../../domain/key.js';
import { fromBuffer, toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import { tryFileLock } from '../../repository/locks/file-lock.js';
import { fileId, type KernelLocks, readKernelLocks } from '../../repository/locks/kernel-locks.js';
import { openTransferNotes } from '../../repository/transfers/transfer-notes.js';
import { attempt } from '../attempt.js';
import type { Outcome } from '../context.js';
import { createRunningAction } from '../transfer/running-action.js';
import type { Steered } from './cancel.js';
import { takeSnapshot } from './snapshot.js';

/** Milliseconds for which a lock file must have lain there: one that was just made is about to be locked. */
const SETTLED = 10_000;

/**
 * Removes what killed processes left in `.git/annex/transfer`: info files, lock files that nobody holds, and notes of ours. What has
 * arrived of contents stays, and is continued by the next transfer.
 */
export async function clearStale(
  { repository, context }: Steered,
  now: number = Date.now(),
): Promise<Outcome> {
  const { annexDir } = repository;
  const notes = openTransferNotes(annexDir);
  const locks = readKernelLocks();
  let failed = 0;
  for (const { key, info, infoFile, lockFile, ...transfer } of takeSnapshot(repository).stale) {
    const file = info?.file;
    const action = createRunningAction({ command: 'clear-stale', key, ...(file && { file }) }, context.emit);
    const done = await attempt(action, () => {
      const both = [lockFile, `${annexDir}/transfer/download/lck/lck.${keyFileName(key)}` as ByteString];
      for (const path of transfer.direction === 'download' ? both : [lockFile])
        removeLockFile(path, locks, now);
      rmSync(toPath(infoFile), { force: true });
      notes.remove({ ...transfer, key });
      return undefined;
    });
    if (!done) failed++;
  }
  for (const path of orphans(annexDir)) removeLockFile(path, locks, now);
  return { failed, stoppedByLimit: false };
}

/** Lock files in `transfer/download/lck`, the one of a live download among them. */
function orphans(annexDir: ByteString): ByteString[] {
  const folder = `${annexDir}/transfer/download/lck` as ByteString;
  try {
    return readdirSync(toPath(folder), { encoding: 'buffer' })
      .map(fromBuffer)
      .filter((name) => name.startsWith('lck.') && parseKeyFileName(name.slice('lck.'.length)) !== undefined)
      .map((name) => `${folder}/${name}` as ByteString);
  } catch {
    return [];
  }
}

/** As git-annex removes its lock files: while the lock is held. */
function removeLockFile(path: ByteString, locks: KernelLocks | undefined, now: number): void {
  const stats = statSync(toPath(path), { throwIfNoEntry: false });
  const id = fileId(path);
  if (stats === undefined || id === undefined || now - stats.ctimeMs < SETTLED) return;
  if (locks !== undefined && locks.holders(id).length > 0) return;
  tryFileLock(path, 'exclusive', { create: false })?.unlinkAndRelease();
}
