import { mkdirSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { keyFileName } from '../../domain/key.js';
import type { Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';
import { type FileLock, tryFileLock } from '../locks/file-lock.js';
import type { LockFiles } from '../locks/lock-files.js';
import type { HeldLock } from '../objects/object-store.js';
import { makeDirectories, type Permissions } from '../objects/permissions.js';
import type { TransferId, TransferLocks } from './transfer-locks.js';

/** Milliseconds after which a transfer that still goes on gets its info file, for `git annex info` of either program. */
const NOTICEABLE = 100;

/** Longest file name in bytes; a lock whose name would be longer cannot be taken, by git-annex neither. */
const LONGEST_NAME = 255;

/** Opens the transfer files of one repository; `annexDir` is its `.git/annex`. */
export function openTransferLocks(
  annexDir: ByteString,
  permissions: Permissions,
  files?: LockFiles,
): TransferLocks {
  const made = new Set<string>();
  const mode = permissions.fileMode(0o644);

  function directory(path: string): string {
    if (!made.has(path)) makeDirectories(path as ByteString, permissions);
    made.add(path);
    return path;
  }
  function take(folder: string, name: string): FileLock | undefined {
    const path = `${directory(folder)}/lck.${name}` as ByteString;
    return tryFileLock(path, 'exclusive', { mode, ...(files === undefined ? {} : { files }) });
  }
  const folderOf = ({ direction, uuid }: TransferId) => `${annexDir}/transfer/${direction}/${safeName(uuid)}`;
  const failedPath = ({ direction, uuid, key }: TransferId) =>
    `${annexDir}/transfer/failed/${direction}/${safeName(uuid)}/${keyFileName(key)}`;

  return {
    begin(transfer, file) {
      const started = Date.now();
      const name = keyFileName(transfer.key);
      if (name.length + 'lck.'.length > LONGEST_NAME) return { release: () => undefined };
      const locks: FileLock[] = [];
      const folders = [folderOf(transfer)];
      if (transfer.direction === 'download') folders.unshift(`${annexDir}/transfer/download/lck`);
      for (const folder of folders) {
        const lock = take(folder, name);
        if (lock === undefined) {
          for (const held of locks) held.unlinkAndRelease();
          return undefined;
        }
        locks.push(lock);
      }
      return heldTransfer(locks, `${folderOf(transfer)}/${name}` as ByteString, () =>
        infoText(started, file),
      );
    },
    recordFailure(transfer, file) {
      const path = failedPath(transfer);
      writeInfo(path as ByteString, infoText(Date.now(), file));
    },
    forgetFailure: (transfer) => unlinkQuietly(failedPath(transfer) as ByteString),
  };
}

function heldTransfer(locks: readonly FileLock[], info: ByteString, text: () => string): HeldLock {
  let written = false;
  let held = true;
  const timer = setTimeout(() => {
    written = true;
    writeInfo(info, text());
  }, NOTICEABLE);
  timer.unref();
  return {
    release() {
      if (!held) return;
      held = false;
      clearTimeout(timer);
      if (written) unlinkQuietly(info);
      for (const lock of locks) lock.unlinkAndRelease();
    },
  };
}

/** `<seconds since 1970>s`, and the work tree file relative to its top. */
function infoText(started: number, file: ByteString | undefined): string {
  return `${(started / 1000).toFixed(3)}s\n${file ?? ''}\n`;
}

/** The info file is a courtesy to those who look: a transfer does not fail for want of it. */
function writeInfo(path: ByteString, text: string): void {
  try {
    const folder = path.slice(0, path.lastIndexOf('/')) as ByteString;
    mkdirSync(toPath(folder), { recursive: true });
    const partial = `${folder}/tmp${process.pid}` as ByteString;
    writeFileSync(toPath(partial), Buffer.from(text, 'latin1'));
    renameSync(toPath(partial), toPath(path));
  } catch {
    // Shown nowhere then.
  }
}

/** A uuid of a hostile log may not lead out of its folder. */
function safeName(uuid: Uuid): string {
  return uuid === '.' || uuid === '..' ? `_${uuid}` : uuid.replaceAll('/', '_');
}

function unlinkQuietly(path: ByteString): void {
  try {
    unlinkSync(toPath(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
