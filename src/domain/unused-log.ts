import type { ByteString } from '../lib/bytes.js';
import { type Key, parseKey } from './key.js';
import { compareBytes } from './logs/lines.js';
import { formatClock, parseClock, type VectorClock } from './vector-clock.js';

/** One content that `unused` found. */
export interface UnusedEntry {
  /** Counts from 1, through all lists of one run. */
  readonly number: number;
  readonly key: Key;
  /** When it was first found unused; undefined in files of old versions. */
  readonly since: VectorClock | undefined;
}

/** A file of numbered keys as git-annex keeps them (`.git/annex/unused`): lines `NUMBER KEY TIMEs`. Others are skipped. */
export function parseUnusedLog(content: ByteString): UnusedEntry[] {
  const entries: UnusedEntry[] = [];
  for (const line of content.split('\n')) {
    const match = /^(\d{1,15}) (.+?)(?: (-?[\d.]+s))?$/.exec(line);
    const key = match === null ? undefined : parseKey(match[2] as string);
    if (match === null || key === undefined) continue;
    const since = match[3] === undefined ? undefined : parseClock(match[3]);
    entries.push({ number: Number(match[1]), key, since });
  }
  return entries;
}

/** The file's content, in byte order of the keys as git-annex writes it. */
export function formatUnusedLog(entries: readonly UnusedEntry[]): ByteString {
  const sorted = [...entries].sort((a, b) => compareBytes(a.key, b.key));
  const lines = sorted.map(({ number, key, since }) => {
    const time = since === undefined ? '' : ` ${formatClock(since)}`;
    return `${number} ${key}${time}\n`;
  });
  return lines.join('') as ByteString;
}
