import { readdirSync, readFileSync, rmdirSync, unlinkSync } from 'node:fs';
import { type Key, keyFileName, parseKeyFileName } from '../../domain/key.js';
import { parseUuid, type Uuid } from '../../domain/uuid.js';
import { fromBuffer, toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import type { TransferId } from './transfer-locks.js';

/** A transfer that failed and was not made good since. */
export interface FailedTransfer extends TransferId {
  /** The work tree file it was for, relative to the top; undefined when that is not known. */
  readonly file: ByteString | undefined;
}

const directions = ['download', 'upload'] as const;

/**
 * The transfers that git-annex or this program recorded as failed, in
 * `.git/annex/transfer/failed/{upload,download}/UUID/KEYFILE`. Each file holds `SECONDSs\nFILE\n`.
 */
export function* readFailedTransfers(annexDir: ByteString): Generator<FailedTransfer> {
  for (const direction of directions) {
    const base = `${failedFolder(annexDir)}/${direction}` as ByteString;
    for (const name of namesIn(base)) {
      const uuid = parseUuid(name);
      if (uuid === undefined) continue;
      const folder = `${base}/${name}` as ByteString;
      for (const keyName of namesIn(folder)) {
        const key = parseKeyFileName(keyName);
        if (key === undefined) continue;
        yield { direction, uuid, key, file: fileIn(`${folder}/${keyName}` as ByteString) };
      }
    }
  }
}

export function failedFolder(annexDir: ByteString): ByteString {
  return `${annexDir}/transfer/failed` as ByteString;
}

/** Forgets failures of a key: in one direction with one repository, or with all. */
export function forgetFailedTransfers(
  annexDir: ByteString,
  direction: TransferId['direction'],
  key: Key,
  uuids: Iterable<Uuid>,
): void {
  for (const uuid of uuids) {
    if (uuid.includes('/') || uuid.startsWith('.')) continue;
    const folder = `${failedFolder(annexDir)}/${direction}/${uuid}` as ByteString;
    quietly(() => unlinkSync(toPath(`${folder}/${keyFileName(key)}` as ByteString)));
    quietly(() => rmdirSync(toPath(folder)));
  }
}

function fileIn(path: ByteString): ByteString | undefined {
  try {
    const text = fromBuffer(readFileSync(toPath(path)));
    const file = text.slice(text.indexOf('\n') + 1).replace(/\n$/, '') as ByteString;
    const leadsOut = file.startsWith('/') || file.split('/').includes('..') || file.includes('\0');
    return file === '' || file.length > 4096 || leadsOut ? undefined : file;
  } catch {
    return undefined;
  }
}

function namesIn(folder: ByteString): ByteString[] {
  try {
    return readdirSync(toPath(folder), { encoding: 'buffer' }).map(fromBuffer).sort();
  } catch {
    return [];
  }
}

function quietly(action: () => void): void {
  try {
    action();
  } catch {
    // It is gone, or others are in the folder.
  }
}
