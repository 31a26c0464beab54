import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRace } from '../../src/planning/race.js';
import { graceLeft, isStale } from '../../src/planning/keeping-up.js';

const pace = fc
  .tuple(fc.nat({ max: 1e6 }), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([elapsed, part]) => ({ elapsed, behind: elapsed * part }));
const patience = fc.integer({ min: 1, max: 100_000 });

describe('a receiver that makes others wait', () => {
  it('may do so for as long as anybody may, and while the others would not be many times faster', () => {
    fc.assert(
      fc.property(pace, patience, (one, limit) => {
        const left = graceLeft(one, limit);
        if (one.behind < limit || one.behind < (one.elapsed * 7) / 8 - 1e-6) expect(left).toBeGreaterThan(0);
        else expect(left).toBeLessThan(1e-3);
      }),
    );
  });

  it('may do so exactly as long as it is told', () => {
    fc.assert(
      fc.property(pace, patience, (one, limit) => {
        const left = graceLeft(one, limit);
        const later = (time: number) => ({ elapsed: one.elapsed + time, behind: one.behind + time });
        expect(graceLeft(later(left), limit)).toBeLessThan(1e-3);
        expect(left > 1e-3 && graceLeft(later(left / 2), limit) === 0).toBe(false);
      }),
    );
  });

  it('is looked at anew before what was long ago could excuse it for long', () => {
    fc.assert(
      fc.property(pace, patience, (one, limit) => {
        if (!isStale(one, limit))
          expect(graceLeft({ ...one, behind: one.behind }, limit)).toBeLessThanOrEqual(28 * limit);
        else expect(one.elapsed).toBeGreaterThan(limit * 2);
      }),
    );
  });
});

/** Laps of the same length for receivers of so many milliseconds a lap; who is let go, and after which time. */
function run(milliseconds: readonly number[], laps: number, limit: number): Map<number, number> {
  let now = 0;
  const race = createRace(limit, () => now);
  const runners = milliseconds.map((time, index) => ({ time, index, runner: race.join() }));
  const gone = new Map<number, number>();
  for (let lap = 0; lap < laps; lap++) {
    race.nextLap();
    const begin = now;
    const living = runners.filter(({ index }) => !gone.has(index)).sort((a, b) => a.time - b.time);
    for (const { runner } of living) runner.start(false);
    for (const { time, index, runner } of living) {
      // Looked at while it is on its way.
      for (; now < begin + time && !gone.has(index); now = Math.min(begin + time, now + 10))
        if (runner.grace() === 0 && gone.size < runners.length - 1) gone.set(index, now);
      if (!gone.has(index)) runner.arrived();
    }
  }
  return gone;
}

describe('in a race', () => {
  const times = fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1, maxLength: 5 });

  it('who is no more than seven times slower than the fastest stays, and somebody always does', () => {
    fc.assert(
      fc.property(times, (milliseconds) => {
        const gone = run(milliseconds, 200, 1000);
        const fastest = Math.min(...milliseconds);
        for (const index of gone.keys()) expect(milliseconds[index]).toBeGreaterThan(fastest * 7);
        expect(gone.size).toBeLessThan(milliseconds.length);
      }),
      { numRuns: 50 },
    );
  });

  it('who is much slower is let go in time', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 10, max: 50 }), (fast, factor) => {
        const gone = run([fast, fast * factor], 2000, 1000);
        expect(gone.get(1)).toBeLessThan(1000 * 8);
        expect([...gone.keys()]).toEqual([1]);
      }),
      { numRuns: 50 },
    );
  });
});
