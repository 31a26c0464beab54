import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** A mounted folder. */
export interface Mount {
  readonly path: string;
  unmount(): void;
}

/** A file system in memory of that many bytes; the test must run as root. */
export function mountSmall(path: string, bytes: number): Mount {
  mkdirSync(path, { recursive: true });
  mount(['-t', 'tmpfs', '-o', `size=${bytes},mode=755`, 'none', path]);
  return { path, unmount: () => unmount(path) };
}

/** Makes a folder read-only where it is; the test must run as root. */
export function mountReadOnly(path: string): Mount {
  mount(['--bind', path, path]);
  mount(['-o', 'remount,bind,ro', path]);
  return { path, unmount: () => unmount(path) };
}

/** Fills the file system until only that many bytes are free; gives what removes the filling. */
export function fillUpTo(mount: Mount, free: number): () => void {
  const filler = join(mount.path, '.filler');
  const file = openSync(filler, 'w');
  const block = Buffer.alloc(4096, 1);
  try {
    while (freeBytes(mount) > free) {
      if (writeSync(file, block) < block.length) break;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(file);
  }
  return () => rmSync(filler, { force: true });
}

function freeBytes({ path }: Mount): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}

function mount(args: readonly string[]): void {
  const { status, stderr } = spawnSync('mount', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`this test mounts file systems, and so has to run as root: ${stderr}`);
}

function unmount(path: string): void {
  if (spawnSync('umount', [path]).status !== 0) spawnSync('umount', ['-l', path]);
}
