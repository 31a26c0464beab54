import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  formatSizeExact,
  formatSizeExactLong,
  formatSizeLong,
  formatSizeShort,
  formatSizeWhole,
  parseSize,
} from '../../src/domain/data-units.js';
import type { Judge } from './judge.js';
import { createJudge } from './judge.js';

let judge: Judge;
beforeAll(() => {
  judge = createJudge();
});
afterAll(() => judge.dispose());

const sizes = [
  ...[
    0, 1, 2, 999, 1000, 1001, 1004, 1005, 1015, 1094, 1095, 1125, 1135, 1165, 1375, 1545, 1555, 1625, 1999,
    9949, 9995,
  ],
  ...[
    10_125, 25_005, 99_949, 99_950, 999_499, 999_949, 999_994, 999_995, 1_000_000, 1_005_000, 1_048_576,
    1_234_567_890,
  ],
  ...[10 ** 12, 10 ** 15, 10 ** 15 + 125 * 10 ** 10],
  ...fc.sample(fc.maxSafeNat(), { numRuns: 300, seed: 2 }),
  ...fc.sample(fc.integer({ min: 1000, max: 200_000 }), { numRuns: 600, seed: 2 }),
];

test('sizes look as humansize has them', () => {
  const shown = judge
    .annex(['examinekey', '--batch', '--format=${humansize}\\n'], {
      input: sizes.map((size) => `A-s${size}--x\n`).join(''),
    })
    .split('\n');
  expect(sizes.map((size) => [size, formatSizeShort(size)])).toEqual(
    sizes.map((size, i) => [size, shown[i]]),
  );
});

test('sizes look as info has them', () => {
  const shown = sizes.slice(0, 60);
  const link = '.git/annex/objects/a/b';
  const files = new Map(shown.map((size, i) => [`f${i}`, `${link}/A-s${size}--x/A-s${size}--x`]));
  judge.replaceBranch(files, 'refs/heads/probe');
  const tree = judge.git(['ls-tree', '-r', 'refs/heads/probe']).replace(/^100644/gm, '120000');
  judge.git(['update-index', '--index-info'], { input: tree });
  judge.git(['checkout-index', '-a']);
  const answers = judge.annex(['info', '--batch'], {
    input: [...files.keys()].map((file) => `${file}\n`).join(''),
  });
  expect(shown.map(formatSizeLong)).toEqual([...answers.matchAll(/^size: (.*)$/gm)].map((match) => match[1]));
});

// What `git annex maxsize here SIZE; git annex maxsize here --bytes` made of them.
test.each<[string, number | undefined]>([
  ['100 mb', 100_000_000],
  ['100mb', 100_000_000],
  ['1.5 kB', 1500],
  ['10', 10],
  ['10 b', 10],
  ['1 kib', 1024],
  ['1KiB', 1024],
  ['1 Mi', 1_048_576],
  ['1k', 1000],
  ['1M', 1_000_000],
  ['1 g', 1_000_000_000],
  ['1gigabyte', 1_000_000_000],
  ['2 megabytes', 2_000_000],
  ['1 mebibyte', 1_048_576],
  ['1 KiloBytes', 1000],
  ['0.5 gb', 500_000_000],
  ['1e3', 1000],
  ['1.', 1],
  ['1,5 kb', 1],
  ['1 kb 2 mb', 1000],
  [' 1', 1],
  ['1 ', 1],
  ['1kb ', 1000],
  ['1.23456 kb', 1235],
  ['0.0005 kb', 0],
  ['1.9b', 2],
  ['2.5 b', 2],
  ['1.5.5', 2],
  ['1kbit', 125],
  ['1 kilobits', 125],
  ['1Ei', 1024 ** 6],
  ['1p', 10 ** 15],
  ['1 byte', 1],
  ['1 YiB', 1024 ** 8],
  ['1 quettabyte', 10 ** 30],
  ['.5gb', undefined],
  ['1kbx', undefined],
  ['', undefined],
  ['kb', undefined],
  ['1 bits', undefined],
  ['1 kbps', undefined],
  ['1QiB', undefined],
  ['1 kibit', undefined],
  ['+5', undefined],
  ['-1', undefined],
  ['1 kilo', undefined],
])('%j is %j bytes', (text, bytes) => {
  if (bytes === undefined || bytes < 10 ** 18) expect(parseSize(text)).toBe(bytes);
  else expect((parseSize(text) ?? 0) / bytes).toBeCloseTo(1, 12);
});

test('what is shown can be read back, to three digits', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (bytes) => {
      for (const text of [formatSizeShort(bytes), formatSizeLong(bytes)]) {
        expect(Math.abs((parseSize(text) ?? 0) - bytes)).toBeLessThanOrEqual(bytes * 0.006);
      }
    }),
  );
});

// What `git annex maxsize` and `git annex vicfg` showed for the same sizes.
test.each<[number, string, string, string]>([
  [0, '0 B', '0.0 B', '0.0 bytes'],
  [1, '1 B', '1.0 B', '1.0 bytes'],
  [1024, '1 kB', '1.024 kB', '1.024 kilobytes'],
  [999_999, '1000 kB', '999.999 kB', '999.999 kilobytes'],
  [1_500_000, '2 MB', '1.5 MB', '1.5 megabytes'],
  [2_500_000, '2 MB', '2.5 MB', '2.5 megabytes'],
  [123_456_789, '123 MB', '123.456789 MB', '123.456789 megabytes'],
  [-7000, '-7 kB', '-7.0 kB', '-7.0 kilobytes'],
])('%d bytes in the table of maximum sizes', (bytes, whole, exact, long) => {
  expect([formatSizeWhole(bytes), formatSizeExact(bytes), formatSizeExactLong(bytes)]).toEqual([
    whole,
    exact,
    long,
  ]);
});
