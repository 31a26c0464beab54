import { readdirSync, readFileSync } from 'node:fs';
import { parseKeyFileName } from '../../domain/key.js';
import { parseUuid } from '../../domain/uuid.js';
import { fromBuffer, toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import { isFileLocked } from '../locks/file-lock.js';
import { fileId, type KernelLocks } from '../locks/kernel-locks.js';
import type { TransferId } from './transfer-locks.js';

/** A transfer that has files in `.git/annex/transfer`. */
export interface FoundTransfer extends TransferId {
  /** Whether a process is at it: its lock is held. Else the files are left from one that was killed. */
  readonly live: boolean;
  /** The process that holds the lock, where the system tells. */
  readonly pid: number | undefined;
  readonly lockFile: ByteString;
  readonly infoFile: ByteString;
  /** Undefined: there is no info file (yet). */
  readonly info: TransferInfo | undefined;
}

export interface TransferInfo {
  /** Milliseconds since 1970. */
  readonly started: number | undefined;
  /** Bytes done, where the process tells. */
  readonly bytes: number | undefined;
  /** The work tree file, relative to the top. */
  readonly file: ByteString | undefined;
}

const LOCK = 'lck.';
/** Larger files are no info files. */
const MOST_BYTES = 16_384;

/**
 * Every transfer with files in `.git/annex/transfer/{download,upload}/UUID`. Live ones are told from the kernel's list of locks, so
 * that nobody who starts one at this moment is disturbed; where there is no such list, by trying the lock.
 */
export function* readTransfers(
  annexDir: ByteString,
  locks: KernelLocks | undefined,
): Generator<FoundTransfer> {
  for (const direction of ['download', 'upload'] as const) {
    const base = `${annexDir}/transfer/${direction}`;
    for (const folder of names(base)) {
      const uuid = folder === 'lck' ? undefined : parseUuid(folder);
      if (uuid === undefined) continue;
      const keyNames = new Set(names(`${base}/${folder}`).map(withoutPrefix));
      for (const name of keyNames) {
        const key = parseKeyFileName(name);
        if (key === undefined) continue;
        const lockFile = `${base}/${folder}/${LOCK}${name}` as ByteString;
        const infoFile = `${base}/${folder}/${name}` as ByteString;
        const held = lockState(lockFile, locks);
        yield { direction, uuid, key, ...held, lockFile, infoFile, info: readInfo(infoFile) };
      }
    }
  }
}

/** `SECONDSs` or `SECONDSs BYTES`, and the file on the next line. */
export function parseTransferInfo(text: ByteString): TransferInfo {
  const end = text.indexOf('\n');
  const [, seconds, bytes] =
    /^(\d{1,12}(?:\.\d{1,12})?)s(?: (\d{1,15}))?$/.exec(end < 0 ? text : text.slice(0, end)) ?? [];
  const file = end < 0 ? '' : text.slice(end + 1).replace(/\n$/, '');
  return {
    started: seconds === undefined ? undefined : Number(seconds) * 1000,
    bytes: bytes === undefined ? undefined : Number(bytes),
    file: file === '' ? undefined : (file as ByteString),
  };
}

function lockState(path: ByteString, locks: KernelLocks | undefined): Pick<FoundTransfer, 'live' | 'pid'> {
  if (locks === undefined) return { live: isFileLocked(path), pid: undefined };
  const id = fileId(path);
  const [holder] = id === undefined ? [] : locks.holders(id);
  return { live: holder !== undefined, pid: holder?.pid };
}

function withoutPrefix(name: string): string {
  return name.startsWith(LOCK) ? name.slice(LOCK.length) : name;
}

function readInfo(path: ByteString): TransferInfo | undefined {
  try {
    const content = readFileSync(toPath(path));
    return content.length > MOST_BYTES ? undefined : parseTransferInfo(fromBuffer(content));
  } catch {
    return undefined;
  }
}

function names(folder: string): string[] {
  try {
    return readdirSync(toPath(folder as ByteString), { encoding: 'buffer' })
      .map(fromBuffer)
      .sort();
  } catch {
    return [];
  }
}
