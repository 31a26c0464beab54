import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatDuration, formatDurationBriefly, parseDuration } from '../../src/domain/duration.js';

// Which of these are durations was asked of `git annex find --time-limit`.
test.each<[string, number | undefined]>([
  ['5m', 300],
  ['1h5m', 3900],
  ['5m1h', 3900],
  ['1h5', 3605],
  ['10', 10],
  ['2d', 172_800],
  ['1y', 31_536_000],
  ['1d1d', 172_800],
  ['0s', 0],
  ['', undefined],
  ['1w', undefined],
  ['1.5h', undefined],
  ['1h 5m', undefined],
  ['1H', undefined],
  ['h', undefined],
  ['-1h', undefined],
  ['5min', undefined],
  ['5m\n', undefined],
])('%j', (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds);
});

test('what is written is read back', () => {
  expect(formatDuration(3900)).toBe('1h5m');
  expect(formatDuration(0)).toBe('0s');
  fc.assert(
    fc.property(fc.nat(), (seconds) => {
      expect(parseDuration(formatDuration(seconds))).toBe(seconds);
    }),
  );
});

test('a long hostile text takes no time', () => {
  expect(parseDuration(`${'1'.repeat(200_000)}x`)).toBeUndefined();
  expect(parseDuration(`${'1m'.repeat(100_000)}x`)).toBeUndefined();
});

test('brief durations have two units that stand side by side', () => {
  const shown = [0, 59, 86_700, 86_401, 3661, 90_061, 31_536_061, 31_622_400].map(formatDurationBriefly);
  expect(shown).toEqual(['0s', '59s', '1d', '1d', '1h1m', '1d1h', '1y', '1y1d']);
});
