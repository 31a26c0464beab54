import { appendFileSync, readFileSync, truncateSync } from 'node:fs';
import type { Key } from '../../domain/key.js';
import { parseKey } from '../../domain/key.js';
import type { ByteString } from '../../lib/bytes.js';
import { toBuffer, toPath } from '../../lib/buffers.js';
import { waitForFileLock } from '../../repository/locks/wait-for-lock.js';

/**
 * git-annex's log of files that git checked out as pointers although their content is here: `KEY PATH` lines. The hooks after
 * a checkout fill them.
 */
export async function appendSmudgeLog(annexDir: ByteString, key: Key, path: ByteString): Promise<void> {
  if (path.includes('\n')) return;
  await locked(annexDir, (log) => appendFileSync(log, toBuffer(`${key} ${path}\n` as ByteString)));
}

/** The keys in the log, which is empty afterwards. */
export async function takeSmudgeLog(annexDir: ByteString): Promise<ReadonlySet<Key>> {
  if (readQuietly(logPath(annexDir)) === '') return new Set();
  return locked(annexDir, (log) => {
    const keys = readQuietly(log)
      .split('\n')
      .map((line) => parseKey(line.slice(0, line.indexOf(' '))))
      .filter((key) => key !== undefined);
    truncateSync(log);
    return new Set(keys);
  });
}

async function locked<T>(annexDir: ByteString, use: (log: string | Buffer) => T): Promise<T> {
  const lock = await waitForFileLock(`${annexDir}/smudge.lck` as ByteString, 'exclusive');
  try {
    return use(logPath(annexDir));
  } finally {
    lock.release();
  }
}

function logPath(annexDir: ByteString): string | Buffer {
  return toPath(`${annexDir}/smudge.log` as ByteString);
}

function readQuietly(path: string | Buffer): string {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
