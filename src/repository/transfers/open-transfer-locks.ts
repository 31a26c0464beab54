import { existsSync, mkdirSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { keyFileName } from '../../domain/key.js';
import type { ByteString } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';
import { type FileLock, tryFileLock } from '../locks/file-lock.js';
import type { LockFiles } from '../locks/lock-files.js';
import { makeDirectories, type Permissions } from '../objects/permissions.js';
import { safeName } from './safe-name.js';
import { openSteering } from './steering.js';
import type { HeldTransfer, TransferId, TransferLocks } from './transfer-locks.js';
import { openTransferNotes } from './transfer-notes.js';

/** Milliseconds after which a transfer that still goes on gets its info file, for `git annex info` of either program. */
const NOTICEABLE = 100;

/** Milliseconds between two looks at a transfer that goes on: its progress is noted then. */
const INTERVAL = 500;

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
  const notes = openTransferNotes(annexDir, permissions);
  const steering = openSteering(annexDir, permissions);

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
    begin(transfer, file, { onCancel, waits = false } = {}) {
      let started = Date.now();
      const name = keyFileName(transfer.key);
      if (name.length + 'lck.'.length > LONGEST_NAME)
        return { release: nothing, resumed: nothing, progress: nothing };
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
      const info = `${folderOf(transfer)}/${name}` as ByteString;
      return heldTransfer(locks, {
        note(bytes, resumedAt) {
          writeInfo(info, infoText(started, file, bytes));
          notes.write(transfer, { pid: process.pid, started, resumedAt, bytes: bytes ?? 0 });
          return onCancel !== undefined && steering.cancelled(transfer.key, started);
        },
        onCancel,
        waits,
        starts() {
          started = Date.now();
        },
        end() {
          unlinkQuietly(info);
          notes.remove(transfer);
        },
      });
    },
    recordFailure(transfer, file) {
      const path = failedPath(transfer);
      writeInfo(path as ByteString, infoText(Date.now(), file));
    },
    forgetFailure(transfer) {
      // There is none as a rule, and an error costs more than a look.
      const path = failedPath(transfer) as ByteString;
      if (existsSync(toPath(path))) unlinkQuietly(path);
    },
  };
}

interface Visible {
  /** Writes what others see; true: the transfer is to be cancelled. */
  note(bytes: number | undefined, resumedAt: number): boolean;
  end(): void;
  readonly onCancel: (() => void) | undefined;
  readonly waits: boolean;
  /** Called when a transfer that waited begins. */
  starts(): void;
}

function heldTransfer(locks: readonly FileLock[], visible: Visible): HeldTransfer {
  let noted = false;
  let held = true;
  let cancelled = false;
  let resumedAt = 0;
  let bytes: number | undefined;
  let timer = visible.waits ? undefined : setTimeout(look, NOTICEABLE).unref();

  function look(): void {
    if (!held) return;
    noted = true;
    const unwanted = visible.note(bytes, resumedAt);
    timer = setTimeout(look, INTERVAL).unref();
    if (unwanted && !cancelled) {
      cancelled = true;
      visible.onCancel?.();
    }
  }
  return {
    resumed(done) {
      resumedAt = done;
      if (timer !== undefined) return;
      visible.starts();
      timer = setTimeout(look, NOTICEABLE).unref();
    },
    progress(done) {
      bytes = done;
    },
    release() {
      if (!held) return;
      held = false;
      clearTimeout(timer);
      if (noted) visible.end();
      for (const lock of locks) lock.unlinkAndRelease();
    },
  };
}

function nothing(): void {}

/** `<seconds since 1970>s`, as soon as it is known a space and the bytes done, and the work tree file relative to its top. */
function infoText(started: number, file: ByteString | undefined, bytes?: number): string {
  const done = bytes === undefined ? '' : ` ${bytes}`;
  return `${(started / 1000).toFixed(3)}s${done}\n${file ?? ''}\n`;
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

function unlinkQuietly(path: ByteString): void {
  try {
    unlinkSync(toPath(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
