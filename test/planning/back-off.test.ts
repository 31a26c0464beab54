import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type BackOff, backOffLeft, nextBackOff } from '../../src/planning/back-off.js';

const hour = 3_600_000;
const after = (failures: number, now = 0, random = 0): BackOff => {
  let backOff: BackOff | undefined;
  for (let i = 0; i < failures; i++) backOff = nextBackOff(backOff, now, hour, random);
  return backOff as BackOff;
};

it('doubles from a minute up to the limit', () => {
  expect([1, 2, 3, 6, 7, 50].map((failures) => after(failures).delay / 60_000)).toEqual([
    1, 2, 4, 32, 60, 60,
  ]);
});

it('is spread at random, never longer than the limit and never shorter than three quarters', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2000 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (n, random) => {
        const { delay } = nextBackOff({ failures: n, failedAt: 0, delay: 0 }, 0, hour, random);
        const { delay: full } = nextBackOff({ failures: n, failedAt: 0, delay: 0 }, 0, hour, 0);
        expect(delay).toBeLessThanOrEqual(full);
        expect(delay).toBeGreaterThanOrEqual(Math.floor(full * 0.75));
        expect(full).toBeLessThanOrEqual(hour);
      },
    ),
  );
});

it('ends when its time is over', () => {
  const backOff = after(1, 1_000_000);
  expect(backOffLeft(backOff, 1_000_000, hour)).toBe(60_000);
  expect(backOffLeft(backOff, 1_059_999, hour)).toBe(1);
  expect(backOffLeft(backOff, 1_060_000, hour)).toBe(0);
});

it('does not trust a clock that was set back, nor a limit that was lowered', () => {
  const backOff = after(7, 1_000_000);
  expect(backOffLeft(backOff, 999_999, hour)).toBe(0);
  expect(backOffLeft(backOff, 1_000_000, 0)).toBe(0);
  expect(backOffLeft({ failures: 1, failedAt: 0, delay: Number.MAX_SAFE_INTEGER }, 0, hour)).toBe(hour);
});
