import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { keyFileName } from '../../domain/key.js';
import { toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import { makeDirectories, type Permissions } from '../objects/permissions.js';
import { safeName } from './safe-name.js';
import type { TransferId } from './transfer-locks.js';

/** What a process of this program tells about a transfer it is at; git-annex's files have no place for it. */
export interface TransferNote {
  readonly pid: number;
  /** Milliseconds since 1970. */
  readonly started: number;
  /** Bytes that were there from an earlier attempt. */
  readonly resumedAt: number;
  /** Bytes done, those included. */
  readonly bytes: number;
}

/** Notes of transfers under way, one small file each: `.git/annex/annex-ts/transfers/notes/DIRECTION/UUID/KEYFILE`. */
export interface TransferNotes {
  write(transfer: TransferId, note: TransferNote): void;
  read(transfer: TransferId): TransferNote | undefined;
  remove(transfer: TransferId): void;
}

/** Larger files are none of ours. */
const MOST_BYTES = 1000;

/** @param permissions undefined: for reading only */
export function openTransferNotes(annexDir: ByteString, permissions?: Permissions): TransferNotes {
  const folderOf = ({ direction, uuid }: TransferId) =>
    `${notesFolder(annexDir)}/${direction}/${safeName(uuid)}` as ByteString;
  const pathOf = (transfer: TransferId) => `${folderOf(transfer)}/${keyFileName(transfer.key)}` as ByteString;
  return {
    write(transfer, note) {
      if (permissions === undefined) return;
      try {
        makeDirectories(folderOf(transfer), permissions);
        const partial = `${folderOf(transfer)}/tmp${process.pid}` as ByteString;
        writeFileSync(toPath(partial), JSON.stringify(note));
        renameSync(toPath(partial), toPath(pathOf(transfer)));
      } catch {
        // A courtesy to those who look: no transfer fails for want of it.
      }
    },
    read: (transfer) => readNote(pathOf(transfer)),
    remove(transfer) {
      try {
        rmSync(toPath(pathOf(transfer)), { force: true });
      } catch {
        // Nobody reads a note without a transfer.
      }
    },
  };
}

/** Holds the notes of all transfers. */
export function notesFolder(annexDir: ByteString): ByteString {
  return `${annexDir}/annex-ts/transfers/notes` as ByteString;
}

function readNote(path: ByteString): TransferNote | undefined {
  try {
    const text = readFileSync(toPath(path));
    if (text.length > MOST_BYTES) return undefined;
    const { pid, started, resumedAt, bytes } = JSON.parse(text.toString('latin1')) as Record<string, unknown>;
    if (!isCount(pid) || !isCount(started) || !isCount(resumedAt) || !isCount(bytes)) return undefined;
    return { pid, started, resumedAt, bytes };
  } catch {
    return undefined;
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
