import { spawn } from 'node:child_process';
import { closeSync, fsync, openSync } from 'node:fs';
import { dirname } from 'node:path/posix';
import type { ByteString } from '../../lib/bytes.js';
import { toText } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';
import { AnnexError } from '../../domain/errors.js';

/** Collects what was put in place, to make it durable together. */
export interface Durability {
  /** A file that was renamed into place below the root. */
  placed(file: ByteString): void;
  /** Resolves when all that was placed before the call would survive a power cut. */
  barrier(): Promise<void>;
}

/** Up to this many files are flushed one by one; more by flushing their file system once. */
const FEW = 16;

export function createDurability(root: ByteString): Durability {
  let few: ByteString[] = [];
  let many = false;
  return {
    placed(file) {
      if (few.length < FEW) few.push(file);
      else many = true;
    },
    async barrier() {
      const files = few;
      const flushAll = many;
      few = [];
      many = false;
      if (flushAll && (await syncFileSystem(root))) return;
      if (flushAll) throw new AnnexError('internal', 'The file system could not be flushed (sync -f).');
      await flushEach(files, root);
    },
  };
}

/**
 * The contents and the directories that lead to them. Asked for at once, since a journaling file system then writes its
 * journal once for all of them. A file that was dropped meanwhile needs nothing.
 */
async function flushEach(files: readonly ByteString[], root: ByteString): Promise<void> {
  const paths = new Set<ByteString>();
  for (const file of files)
    for (let at = file; at.length > root.length; at = dirname(at) as ByteString) paths.add(at);
  await Promise.all(Array.from(paths, flush));
}

/** Only the flush itself is waited for elsewhere: opening and closing cost less than handing them to another thread. */
async function flush(path: ByteString): Promise<void> {
  try {
    const file = openSync(toPath(path), 'r');
    try {
      await new Promise<void>((resolve, reject) => {
        fsync(file, (error) => (error === null ? resolve() : reject(error)));
      });
    } finally {
      closeSync(file);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Some file systems cannot flush a directory, or not through a read-only descriptor.
    if (!['ENOENT', 'EINVAL', 'EBADF', 'EISDIR', 'EPERM'].includes(code ?? '')) throw error;
  }
}

/** `sync -f`: syncfs(2) of coreutils. Where there is none (BusyBox, macOS), plain `sync`. */
async function syncFileSystem(root: ByteString): Promise<boolean> {
  const path = toText(root);
  return (await succeeds('sync', ['-f', '--', path])) || (await succeeds('sync', []));
}

function succeeds(program: string, args: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'ignore' });
    child.on('error', () => resolve(false));
    child.on('close', (code) => resolve(code === 0));
  });
}
