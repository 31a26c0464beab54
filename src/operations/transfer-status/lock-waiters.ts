import { readdirSync } from 'node:fs';
import { fromBuffer, toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import { fileId, type KernelLocks } from '../../repository/locks/kernel-locks.js';
import { commandOf } from '../../repository/locks/processes.js';

/** A process that waits until others let go of a lock of the repository. */
export interface LockWaiter {
  /** Relative to `.git/annex`. */
  readonly lock: ByteString;
  readonly pid: number;
  readonly command: readonly string[];
  /** Those that hold it, as far as the system tells. */
  readonly holders: readonly { readonly pid: number; readonly command: readonly string[] }[];
}

/** Folders of `.git/annex` that hold locks which git-annex waits for. */
const FOLDERS = ['', 'keysdb', 'fsck', 'transfer/download/lck'];
/** More waiting processes are not looked at. */
const MOST = 1000;

/** Who waits for which lock. Those that ask again and again, as this program does, are not seen by the system. */
export function lockWaiters(annexDir: ByteString, locks: KernelLocks): LockWaiter[] {
  const waiting = locks.waiting().slice(0, MOST);
  if (waiting.length === 0) return [];
  const files = new Map(
    lockFiles(annexDir).map((name) => [fileId(`${annexDir}/${name}` as ByteString), name]),
  );
  return waiting.flatMap(({ file, pid }): LockWaiter[] => {
    const lock = files.get(file);
    if (lock === undefined || pid === undefined) return [];
    const holders = locks
      .holders(file)
      .flatMap((holder) =>
        holder.pid === undefined ? [] : [{ pid: holder.pid, command: commandOf(holder.pid) }],
      );
    return [{ lock, pid, command: commandOf(pid), holders }];
  });
}

function lockFiles(annexDir: ByteString): ByteString[] {
  return FOLDERS.flatMap((folder) =>
    names(folder === '' ? annexDir : (`${annexDir}/${folder}` as ByteString))
      .filter((name) => name.endsWith('.lck') || name.startsWith('lck.'))
      .map((name) => (folder === '' ? name : `${folder}/${name}`) as ByteString),
  );
}

function names(folder: ByteString): ByteString[] {
  try {
    return readdirSync(toPath(folder), { encoding: 'buffer' }).map(fromBuffer);
  } catch {
    return [];
  }
}
