import { expect, test } from 'vitest';
import type { Key } from '../../../src/domain/key.js';
import type { Uuid } from '../../../src/domain/uuid.js';
import { bloomFilter } from '../../../src/operations/info/bloom-filter.js';
import { addKey, inBytes, inUnits, noKeys, totalSize } from '../../../src/operations/info/key-totals.js';
import { sizesOf } from '../../../src/operations/info/stat.js';
import { knownRepositories } from '../../../src/operations/repositories/known-repositories.js';
import type { Settings } from '../../../src/repository/settings/settings.js';

const settings = (values: Record<string, number>): Settings =>
  ({ int: (name: string, fallback: number) => values[name] ?? fallback }) as unknown as Settings;

// Recorded: git -c annex.bloomcapacity=CAPACITY annex info [--bytes], with 7 keys.
test.each([
  [1, undefined, '128', '128 bytes', 'appears too small for this repository; adjust annex.bloomcapacity'],
  [10, undefined, '1024', '1 kibibyte', '70% full'],
  [1000, undefined, '131072', '128 kibibytes', '0.7% full'],
  [1000, 100, '32768', '32 kibibytes', '0.7% full'],
  [99_999, undefined, '8388608', '8 mebibytes', '0% full'],
  [undefined, undefined, '33554432', '32 mebibytes', '0% full'],
  [1_000_000, undefined, '67108864', '64 mebibytes', '0% full'],
])('bloom filter for %s keys, accuracy %s', (capacity, accuracy, bytes, units, fullness) => {
  const values = {
    ...(capacity === undefined ? {} : { 'annex.bloomcapacity': capacity }),
    ...(accuracy === undefined ? {} : { 'annex.bloomaccuracy': accuracy }),
  };
  expect(bloomFilter(7, settings(values), true).text).toBe(`${bytes} (${fullness})`);
  expect(bloomFilter(7, settings(values), false).text).toBe(`${units} (${fullness})`);
});

test('keys of unknown size are counted apart', () => {
  const totals = noKeys();
  for (const key of ['SHA256-s1500--a', 'URL--x', 'WORM-s1-m3--b']) addKey(totals, key as Key);
  expect(totals).toEqual({ keys: 3, bytes: 1501, unknown: 1 });
  expect(totalSize(totals, inUnits)).toBe('1.5 kilobytes (+ 1 unknown size)');
  expect(totalSize(totals, inBytes)).toBe('1501 (+ 1 unknown size)');
});

test('sizes are listed the largest first, then by uuid, aligned, and control characters cannot reach the terminal', () => {
  const known = knownRepositories({
    here: 'a' as Uuid,
    descriptions: new Map([['c' as Uuid, 'red\x1b[31m' as never]]),
    trust: new Map(),
    remotes: [],
    clusters: new Map(),
  });
  const sizes = new Map([
    ['c', 3],
    ['a', 12_345_678],
    ['b', 3],
  ] as [Uuid, number][]);
  const { text, json } = sizesOf('sizes', '3', sizes, { known, words: inUnits });
  expect(text).toBe('3\n\t12.35 MB: a -- here\n\t     3 B: b\n\t     3 B: c -- red\\033[31m');
  expect(json).toEqual([
    { description: '', here: true, size: '12.35 MB', uuid: 'a' },
    { description: '', here: false, size: '3 B', uuid: 'b' },
    { description: 'red\x1b[31m', here: false, size: '3 B', uuid: 'c' },
  ]);
});
