import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import { waitForFileLock } from '../../repository/locks/wait-for-lock.js';

/**
 * git-annex's note in `annex/adjust.log` that contents came or went since an adjusted branch was made anew:
 * `SECONDS.FRACTIONs COUNT`, the count 0 when none did. Without it, `sync` of git-annex would not look.
 */
export async function noteContentChange(annexDir: ByteString): Promise<void> {
  await change(annexDir, (count) => (count ?? 0) + 1);
}

/** Notes that an adjusted branch shows what is here. */
export async function noteRefreshed(annexDir: ByteString): Promise<void> {
  await change(annexDir, () => 0);
}

/** Whether contents came or went, or that is not known. */
export function mayHaveChanged(annexDir: ByteString): boolean {
  return read(annexDir) !== 0;
}

async function change(annexDir: ByteString, next: (count: number | undefined) => number): Promise<void> {
  const lock = await waitForFileLock(`${annexDir}/adjust.lck` as ByteString, 'exclusive');
  try {
    const path = `${annexDir}/adjust.log` as ByteString;
    const fresh = `${path}.${process.pid}.tmp` as ByteString;
    writeFileSync(toPath(fresh), `${(Date.now() / 1000).toFixed(3)}s ${next(read(annexDir))}\n`);
    renameSync(toPath(fresh), toPath(path));
  } finally {
    lock.release();
  }
}

function read(annexDir: ByteString): number | undefined {
  try {
    const text = readFileSync(toPath(`${annexDir}/adjust.log` as ByteString), 'latin1');
    const count = /^[\d.]+s (\d{1,9})\n?$/.exec(text)?.[1];
    return count === undefined ? undefined : Number(count);
  } catch {
    return undefined;
  }
}
