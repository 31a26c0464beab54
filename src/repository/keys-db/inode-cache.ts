import type { BigIntStats } from 'node:fs';
import { lstatSync } from 'node:fs';
import type { ByteString } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';

declare const brand: unique symbol;

/**
 * What git-annex remembers of a file to tell later whether it was modified: `INODE SIZE SECONDS NANOSECONDS`, the latter two
 * of its modification time.
 */
export type InodeCache = string & { readonly [brand]: true };

const BILLION = 1_000_000_000n;

export function inodeCache(stat: BigIntStats): InodeCache {
  return `${stat.ino} ${stat.size} ${stat.mtimeNs / BILLION} ${stat.mtimeNs % BILLION}` as InodeCache;
}

/** Of a regular file; undefined when there is none at the path. */
export function inodeCacheOf(path: ByteString): InodeCache | undefined {
  const stat = lstatSync(toPath(path), { bigint: true, throwIfNoEntry: false });
  return stat?.isFile() ? inodeCache(stat) : undefined;
}
