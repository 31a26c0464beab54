import { readFileSync, statSync } from 'node:fs';
import { toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';

/** A lock on a file that the kernel knows, or somebody who waits for one. */
export interface KernelLock {
  /** The file, as `fileId` names it. */
  readonly file: string;
  /** Undefined: the lock belongs to an open file, not to a process (open file description locks, which this program takes). */
  readonly pid: number | undefined;
  /** Waits until the others have let go. */
  readonly waiting: boolean;
}

/** The locks on files of this machine, or of this container. */
export interface KernelLocks {
  holders(file: string): readonly KernelLock[];
  waiting(): readonly KernelLock[];
}

const LINE = /^\d+: (-> )?(?:POSIX|OFDLCK|FLOCK) +\S+ +\S+ (-?\d+) ([0-9a-f]+:[0-9a-f]+:\d+) /;

/** Reads the text of `/proc/locks`: `1: POSIX  ADVISORY  WRITE 30341 fe:00:4297249 0 EOF`, `1: -> POSIX ...` for who waits. */
export function parseKernelLocks(text: string): KernelLock[] {
  return text.split('\n').flatMap((line): KernelLock[] => {
    const match = LINE.exec(line);
    if (match === null) return [];
    const pid = Number(match[2]);
    return [{ file: match[3] as string, pid: pid > 0 ? pid : undefined, waiting: match[1] !== undefined }];
  });
}

/** Looks at the locks without touching any; undefined where the system does not tell (it is Linux that does). */
export function readKernelLocks(): KernelLocks | undefined {
  let text: string;
  try {
    text = readFileSync('/proc/locks', 'latin1');
  } catch {
    return undefined;
  }
  const waiting: KernelLock[] = [];
  const held = new Map<string, KernelLock[]>();
  for (const lock of parseKernelLocks(text)) {
    if (lock.waiting) waiting.push(lock);
    else held.set(lock.file, [...(held.get(lock.file) ?? []), lock]);
  }
  return { holders: (file) => held.get(file) ?? [], waiting: () => waiting };
}

/** How `/proc/locks` names a file: `MAJOR:MINOR:INODE`, the first two in hexadecimal. Undefined: there is no such file. */
export function fileId(path: ByteString): string | undefined {
  const stats = statSync(toPath(path), { bigint: true, throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  const major = ((stats.dev >> 8n) & 0xfffn) | ((stats.dev >> 32n) & ~0xfffn);
  const minor = (stats.dev & 0xffn) | ((stats.dev >> 12n) & ~0xffn);
  const hex = (number: bigint) => number.toString(16).padStart(2, '0');
  return `${hex(major)}:${hex(minor)}:${stats.ino}`;
}
