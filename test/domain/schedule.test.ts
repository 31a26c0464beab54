import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatSchedule, parseSchedule, sortedJobs } from '../../src/domain/schedule.js';
import type { ByteString } from '../../src/lib/bytes.js';
import type { Judge } from './judge.js';
import { createJudge } from './judge.js';

let judge: Judge;
beforeAll(() => {
  judge = createJudge();
});
afterAll(() => judge.dispose());

const recurrence = fc.oneof(
  fc.constantFrom('every day', 'every week', 'every month', 'every year'),
  fc
    .tuple(fc.nat(400), fc.constantFrom('week', 'month', 'year'))
    .map(([day, p]) => `on day ${day} of every ${p}`),
  fc
    .tuple(fc.constantFrom('week', 'month', 'year'), fc.integer({ min: 1, max: 60 }))
    .map(([p, n]) => `every ${p} divisible by ${n}`),
  fc
    .tuple(fc.nat(40), fc.constantFrom('week', 'month', 'year'), fc.integer({ min: 1, max: 9 }))
    .map(([day, p, n]) => `on day ${day} of ${p}s divisible by ${n}`),
  fc.constant('days divisible by 2'),
);
const time = fc.oneof(
  fc.constant('any time'),
  fc.tuple(fc.nat(23), fc.nat(59)).map(([h, m]) => `${h}:${String(m).padStart(2, '0')}`),
  fc.tuple(fc.integer({ min: 1, max: 12 }), fc.constantFrom('AM', 'PM')).map(([h, half]) => `${h} ${half}`),
);
const job = fc
  .tuple(fc.constantFrom('self', 'abc', 'abd'), fc.nat(100_000), recurrence, time)
  .map(([where, seconds, when, at]) => `fsck ${where} ${seconds}s ${when} at ${at}`);
const jobs = fc.array(job, { minLength: 1, maxLength: 6 }).map((all) => all.join('; '));

const canonical = (text: string): string => {
  const parsed = parseSchedule(text as ByteString);
  return typeof parsed === 'string' ? parsed : formatSchedule(parsed);
};

const shown = (text: string): string => {
  const parsed = parseSchedule(text as ByteString);
  return typeof parsed === 'string' ? parsed : formatSchedule(sortedJobs(parsed));
};

test('schedules are written as git-annex writes them', () => {
  const samples = fc.sample(jobs, { numRuns: 12, seed: 7 });
  for (const text of samples) {
    judge.annex(['schedule', 'here', text]);
    expect(shown(text), text).toBe(judge.annex(['schedule', 'here']).replace(/\n$/, ''));
  }
});

test('the canonical text stays as it is', () => {
  fc.assert(
    fc.property(jobs, (text) => {
      expect(canonical(canonical(text))).toBe(canonical(text));
    }),
  );
});

// The words git-annex used for the same texts.
test.each([
  ['foo', 'unknown activity in "foo"'],
  ['fsck self', 'unknown activity in "fsck self"'],
  ['fsck self 1h every day at any time; ', 'unknown activity in ""'],
  ['fsck self 1h every day', 'bad time of day:  in "fsck self 1h every day"'],
  ['fsck self 1h every day at 4 XM', 'bad time of day: 4 XM in "fsck self 1h every day at 4 XM"'],
  [
    'fsck self 1h on day 2 of every week divisible by 2 at 1',
    'bad recurrence: on day 2 of every week divisible by 2 in "fsck self 1h on day 2 of every week divisible by 2 at 1"',
  ],
  [
    'fsck self 1h on day 3 of every day at 1',
    'bad recurrence: on day 3 of every day in "fsck self 1h on day 3 of every day at 1"',
  ],
  ['fsck self 1h every year divisible by 0 at 1', 'bad recurrence: every year divisible by 0 in'],
  ['fsck self -1h every day at 1', 'failed to parse duration "-1h" (expected eg "5m" or "1h5m") in'],
])('%s', (text, problem) => {
  const parsed = parseSchedule(text as ByteString);
  expect(typeof parsed).toBe('string');
  expect(parsed).toContain(problem);
});

test('hours as people write them', () => {
  const at = (hour: string) => canonical(`fsck self 1h every day at ${hour}`).replace(/.* at /, '');
  expect(['4 am', '12 AM', '12 pm', '16:30', '0:05', '4:05AM', '4PM', '23'].map(at)).toEqual([
    ...['4 AM', '12 AM', '12 PM', '4:30 PM', '12:05 AM', '4:05 AM', '4 PM', '11 PM'],
  ]);
});
