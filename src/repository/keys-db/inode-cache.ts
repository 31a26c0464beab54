import type { BigIntStats } from 'node:fs';
import { lstatSync } from 'node:fs';
import type { ByteString } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';

declare const brand: unique symbol;

/**
 * What git-annex remembers of a file to tell later whether it was modified: `INODE SIZE SECONDS FRACTION`, the latter two of its
 * modification time. The fraction is the digits after the point without zeros at the end, so nothing for none; before 1970
 * both count backwards.
 */
export type InodeCache = string & { readonly [brand]: true };

const BILLION = 1_000_000_000n;

export function inodeCache(stat: BigIntStats): InodeCache {
  const { mtimeNs } = stat;
  const magnitude = mtimeNs < 0n ? -mtimeNs : mtimeNs;
  const fraction = String(magnitude % BILLION)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return `${stat.ino} ${stat.size} ${mtimeNs / BILLION} ${fraction}` as InodeCache;
}

/** The size in bytes and the whole seconds since 1970 (rounded down) of a state. */
export function sizeAndSeconds(cache: InodeCache): { readonly size: string; readonly seconds: number } {
  const [, size = '', whole = '0', fraction = ''] = cache.split(' ');
  const seconds = Number(whole);
  return { size, seconds: seconds < 0 && fraction !== '' ? seconds - 1 : seconds };
}

/** Of a regular file; undefined when there is none at the path. */
export function inodeCacheOf(path: ByteString): InodeCache | undefined {
  const stat = lstatSync(toPath(path), { bigint: true, throwIfNoEntry: false });
  return stat?.isFile() ? inodeCache(stat) : undefined;
}
