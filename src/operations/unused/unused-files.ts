import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Key } from '../../domain/key.js';
import { formatUnusedLog, parseUnusedLog, type UnusedEntry } from '../../domain/unused-log.js';
import type { VectorClock } from '../../domain/vector-clock.js';
import type { ByteString } from '../../lib/bytes.js';
import { fromBuffer, toBuffer, toPath } from '../../lib/buffers.js';

/** The three lists of `git annex unused`: contents no file uses, bad contents, unfinished downloads. */
export const unusedKinds = ['unused', 'bad', 'tmp'] as const;
export type UnusedKind = (typeof unusedKinds)[number];

const files: { readonly [kind in UnusedKind]: string } = {
  unused: 'unused',
  bad: 'badunused',
  tmp: 'tmpunused',
};

/** What the last run of `unused` found. */
export function readUnused(annexDir: ByteString, kind: UnusedKind): UnusedEntry[] {
  try {
    return parseUnusedLog(fromBuffer(readFileSync(pathOf(annexDir, kind))));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/**
 * Replaces a list; a key that was on it before keeps its time.
 * @param first the number of the first key
 */
export function writeUnused(
  annexDir: ByteString,
  kind: UnusedKind,
  keys: readonly Key[],
  first: number,
  now: VectorClock,
): void {
  const before = new Map(readUnused(annexDir, kind).map(({ key, since }) => [key, since]));
  const entries = keys.map((key, i) => ({ number: first + i, key, since: before.get(key) ?? now }));
  const file = pathOf(annexDir, kind);
  const fresh = toPath(`${annexDir}/${files[kind]}.${process.pid}` as ByteString);
  writeFileSync(fresh, toBuffer(formatUnusedLog(entries)));
  renameSync(fresh, file);
}

function pathOf(annexDir: ByteString, kind: UnusedKind): string | Buffer {
  return toPath(`${annexDir}/${files[kind]}` as ByteString);
}
