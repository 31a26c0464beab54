import type { Settings } from '../../repository/settings/settings.js';
import { type Stat, stat } from './stat.js';

const DEFAULT_CAPACITY = 500_000;
const DEFAULT_ACCURACY = 10_000_000;

/**
 * How well git-annex's bloom filter (`annex.bloomcapacity`, `annex.bloomaccuracy`) fits this repository: its size, which
 * follows from the two settings, and how full the keys that are here make it.
 */
export function bloomFilter(keys: number, settings: Settings, bytes: boolean): Stat {
  const capacity = Math.max(1, settings.int('annex.bloomcapacity', DEFAULT_CAPACITY));
  const accuracy = Math.max(2, settings.int('annex.bloomaccuracy', DEFAULT_ACCURACY));
  const bits = (capacity * Math.log(accuracy)) / Math.LN2 ** 2;
  const size = 2 ** (Math.ceil(Math.log2(bits)) + 1);
  const fullness =
    keys > capacity
      ? 'appears too small for this repository; adjust annex.bloomcapacity'
      : `${Number(((keys * 100) / capacity).toFixed(1))}% full`;
  return stat('bloom filter size', `${bytes ? size : binarySize(size)} (${fullness})`);
}

/** Bytes in powers of 1024: `32 mebibytes`. The filter's size is a power of two. */
function binarySize(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${value} ${UNITS[power]}${value === 1 ? '' : 's'}`;
}

const UNITS = ['byte', 'kibibyte', 'mebibyte', 'gibibyte', 'tebibyte'];
