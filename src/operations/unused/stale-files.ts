import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { type Key, keyFileName, parseKeyFileName } from '../../domain/key.js';
import type { ByteString } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';
import type { Repository } from '../../repository/repository.js';

/**
 * The keys with a file in `.git/annex/bad` or `.git/annex/tmp`, sorted. Files whose content is in the annex serve nobody and
 * are deleted, but those that somebody transfers right now.
 */
export function staleKeys({ annexDir, objects }: Repository, folder: 'bad' | 'tmp'): Key[] {
  const stale: Key[] = [];
  for (const name of namesIn(`${annexDir}/${folder}` as ByteString).sort()) {
    const key = parseKeyFileName(name);
    const path = toPath(`${annexDir}/${folder}/${name}` as ByteString);
    if (key === undefined || lstatSync(path, { throwIfNoEntry: false })?.isFile() !== true) continue;
    if (folder === 'tmp' && isTransferred(annexDir, key)) continue;
    if (objects.locate(key) === undefined) stale.push(key);
    else rmSync(path, { force: true });
  }
  return stale;
}

function isTransferred(annexDir: ByteString, key: Key): boolean {
  const base = `${annexDir}/transfer/download`;
  return namesIn(base as ByteString).some((uuid) => {
    const file = toPath(`${base}/${uuid}/${keyFileName(key)}` as ByteString);
    return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
  });
}

function namesIn(folder: ByteString): ByteString[] {
  try {
    return readdirSync(toPath(folder), 'latin1') as ByteString[];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}
