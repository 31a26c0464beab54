import { formatSizeLong, formatSizeShort } from '../../domain/data-units.js';
import { type Key, keySize } from '../../domain/key.js';

/** A number of contents and their size. */
export interface KeyTotals {
  keys: number;
  /** Of those whose key tells. */
  bytes: number;
  /** How many keys do not tell their size. */
  unknown: number;
}

export function noKeys(): KeyTotals {
  return { keys: 0, bytes: 0, unknown: 0 };
}

export function addKey(totals: KeyTotals, key: Key): void {
  const size = keySize(key);
  totals.keys++;
  if (size === undefined) totals.unknown++;
  else totals.bytes += size;
}

/** How sizes are worded: in units, or in bytes (`--bytes`). */
export interface SizeWords {
  /** `3 megabytes` */
  long(bytes: number): string;
  /** `3 MB` */
  short(bytes: number): string;
}

export const inUnits: SizeWords = { long: formatSizeLong, short: formatSizeShort };
export const inBytes: SizeWords = { long: String, short: String };

/** `3 megabytes (+ 1 unknown size)` */
export function totalSize({ bytes, unknown }: Omit<KeyTotals, 'keys'>, words: SizeWords): string {
  return unknown === 0 ? words.long(bytes) : `${words.long(bytes)} (+ ${unknown} unknown size)`;
}
