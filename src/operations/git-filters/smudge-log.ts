import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
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

/**
 * Hands over the keys in the log. They are taken off it after `use`: who is killed in between leaves them to the next.
 */
export async function consumeSmudgeLog(
  annexDir: ByteString,
  use: (keys: ReadonlySet<Key>) => Promise<void>,
): Promise<void> {
  const text = readQuietly(logPath(annexDir));
  if (text === '') return;
  const keys = text
    .split('\n')
    .map((line) => parseKey(line.slice(0, line.indexOf(' '))))
    .filter((key) => key !== undefined);
  await use(new Set(keys));
  await locked(annexDir, (log) => {
    const now = readQuietly(log);
    if (now.startsWith(text)) writeFileSync(log, now.slice(text.length), 'latin1');
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
