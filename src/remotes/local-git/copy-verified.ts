import {
  closeSync,
  constants,
  copyFileSync,
  fchmodSync,
  fstatSync,
  futimesSync,
  openSync,
  readSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { AnnexError } from '../../domain/errors.js';
import type { ByteString } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';
import type { ContentCheck } from '../../repository/objects/content-check.js';

export interface VerifiedCopy {
  readonly source: ByteString;
  /** Partial content that is there is continued. */
  readonly target: ByteString;
  /** A fresh check; undefined: copies without checking. */
  readonly startCheck: (() => ContentCheck) | undefined;
  /** Bytes of the target done so far. A promise is waited for before more is copied. */
  readonly onBytes?: ((bytes: number) => Promise<void> | undefined) | undefined;
  /** So many bytes of the target were there, and looked at. */
  readonly onResume?: ((bytes: number) => void) | undefined;
  readonly signal: AbortSignal;
}

/** Up to this many bytes are read and written in one go, without waiting for the event loop. */
const SMALL = 1 << 20;
const PIECE = 1 << 20;
const shared = Buffer.allocUnsafeSlow(SMALL);

/**
 * Copies a file with its times, checking its content while it passes: each byte is read once. Throws `content-corrupt` when the content
 * is not the right one (the target is then useless), and what the file system throws.
 */
export async function copyVerified(copy: VerifiedCopy): Promise<void> {
  const small = copySmall(copy);
  if (small !== undefined) return copy.onBytes?.(small);
  const resumed = partialSize(copy.target);
  if (resumed === 0 && cloned(copy)) {
    if (await checkClone(copy)) return;
    throw corrupt();
  }
  const { size } = statSync(toPath(copy.source));
  if (resumed > 0 && resumed <= size && (await copyLarge(copy, true))) return;
  if (!(await copyLarge(copy, false))) throw corrupt();
}

/** The bytes copied; undefined when the file is not small. */
function copySmall(copy: VerifiedCopy): number | undefined {
  const source = openSync(toPath(copy.source), 'r');
  let length: number;
  let stats: Stats;
  try {
    stats = fstatSync(source);
    if (stats.size >= SMALL) return undefined;
    length = readAll(source);
    if (length === SMALL) return undefined;
  } finally {
    closeSync(source);
  }
  const content = shared.subarray(0, length);
  const check = copy.startCheck?.();
  check?.update(content);
  if (check?.matches() === false) throw corrupt();
  const target = openSync(toPath(copy.target), 'w');
  try {
    for (let at = 0; at < length; ) at += writeSync(target, content, at, length - at);
    likeSource(target, stats);
  } finally {
    closeSync(target);
  }
  return length;
}

function readAll(file: number): number {
  let length = 0;
  for (;;) {
    const read = readSync(file, shared, length, SMALL - length, null);
    length += read;
    if (read === 0 || length === SMALL) return length;
  }
}

/** Shares the source's blocks where the file system can (reflink). What a failure leaves is an empty target or none. */
function cloned({ source, target }: VerifiedCopy): boolean {
  try {
    copyFileSync(toPath(source), toPath(target), constants.COPYFILE_FICLONE_FORCE);
    return true;
  } catch {
    return false;
  }
}

async function checkClone(copy: VerifiedCopy): Promise<boolean> {
  const check = copy.startCheck?.();
  const target = await open(toPath(copy.target), 'r+');
  try {
    const stats = statSync(toPath(copy.source));
    let done = 0;
    if (check !== undefined) {
      await eachPiece(target, 0, (bytes) => {
        check.update(bytes);
        done += bytes.length;
        copy.onResume?.(done);
        copy.signal.throwIfAborted();
        return copy.onBytes?.(done);
      });
    }
    likeSource(target.fd, stats);
  } finally {
    await target.close();
  }
  return check?.matches() !== false;
}

/** The next piece is read while the one before is checked and written. False: not the right content. */
async function copyLarge(copy: VerifiedCopy, resume: boolean): Promise<boolean> {
  const source = await open(toPath(copy.source), 'r');
  try {
    const target = await open(toPath(copy.target), resume ? 'r+' : 'w');
    try {
      const check = copy.startCheck?.();
      let at = 0;
      const feed = (bytes: Uint8Array) => {
        check?.update(bytes);
        at += bytes.length;
        copy.signal.throwIfAborted();
        return undefined;
      };
      if (resume) {
        await eachPiece(target, 0, feed);
        copy.onResume?.(at);
      }
      const writing: { last: Promise<unknown> } = { last: Promise.resolve() };
      try {
        await eachPiece(source, at, async (bytes) => {
          const position = at;
          await writing.last;
          writing.last = writeAll(target, bytes, position);
          writing.last.catch(() => undefined);
          feed(bytes);
          await copy.onBytes?.(at);
          copy.signal.throwIfAborted();
        });
      } finally {
        await writing.last;
      }
      if (check?.matches() === false) return false;
      likeSource(target.fd, await source.stat());
      return true;
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

/** The source's times, and the execute permission, which the content keeps through all its copies. */
function likeSource(target: number, source: Stats): void {
  futimesSync(target, source.atimeMs / 1000, source.mtimeMs / 1000);
  if ((source.mode & 0o111) !== 0) fchmodSync(target, 0o755 & ~process.umask());
}

type File = Awaited<ReturnType<typeof open>>;

/** Reads to the end with three buffers in turn: one is read into, one is checked, one is being written. */
async function eachPiece(
  file: File,
  start: number,
  use: (bytes: Buffer) => Promise<void> | undefined,
): Promise<void> {
  const buffers = [0, 1, 2].map(() => Buffer.allocUnsafeSlow(PIECE));
  const read = (turn: number, position: number) => file.read(buffers[turn % 3] as Buffer, 0, PIECE, position);
  let position = start;
  let next = read(0, position);
  for (let turn = 0; ; turn++) {
    const { bytesRead } = await next;
    if (bytesRead === 0) return;
    position += bytesRead;
    next = read(turn + 1, position);
    next.catch(() => undefined);
    try {
      await use((buffers[turn % 3] as Buffer).subarray(0, bytesRead));
    } catch (error) {
      await next.catch(() => undefined);
      throw error;
    }
  }
}

async function writeAll(file: File, bytes: Buffer, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at, position + at);
    at += bytesWritten;
  }
}

function partialSize(path: ByteString): number {
  return statSync(toPath(path), { throwIfNoEntry: false })?.size ?? 0;
}

function corrupt(): AnnexError {
  return new AnnexError('content-corrupt', 'verification of content failed');
}
