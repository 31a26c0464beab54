import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limitAt, parseBandwidthSchedule } from '../../src/domain/bandwidth-schedule.js';
import { parseRate, parseStallRule, perSecond } from '../../src/domain/rate.js';

const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

describe('rates', () => {
  it('are sizes, in a second or the time given', () => {
    expect(parseRate('1MiB')).toEqual({ bytes: 1048576, seconds: 1 });
    expect(parseRate('1KB/30s')).toEqual({ bytes: 1000, seconds: 30 });
    expect(parseRate(' 100 kB / 2m ')).toEqual({ bytes: 100_000, seconds: 120 });
    expect(parseRate('1MB/s')).toEqual({ bytes: 1_000_000, seconds: 1 });
    expect(parseRate('1MB/')).toEqual({ bytes: 1_000_000, seconds: 1 });
    expect(perSecond({ bytes: 100, seconds: 4 })).toBe(25);
    for (const bad of ['', 'fast', '0', '0B/1s', '1MB/0s', '1MB/soon', '-1MB', '/1s']) {
      expect(parseRate(bad), bad).toBeUndefined();
    }
  });

  it('mean stalls with a time, true or false without', () => {
    expect(parseStallRule('1KB/30s')).toEqual({ bytes: 1000, seconds: 30 });
    expect(parseStallRule('false')).toBe('off');
    expect(parseStallRule('true')).toBe('hint');
    for (const bad of ['1KB', 'maybe', '/', 'KB/30s']) expect(parseStallRule(bad), bad).toBeUndefined();
  });

  it('are positive and finite whatever is read', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.stringMatching(/^\d{1,9}(\.\d+)?[kMG]?i?B?(\/\d{0,4}[smhdy]?)?$/)),
        (text) => {
          for (const rate of [parseRate(text), parseStallRule(text)]) {
            if (typeof rate !== 'object') continue;
            expect(rate.bytes).toBeGreaterThan(0);
            expect(rate.seconds).toBeGreaterThan(0);
            expect(Number.isFinite(perSecond(rate))).toBe(true);
          }
        },
      ),
    );
  });
});

describe('bandwidth schedules', () => {
  const at = (text: string, day: string, time: string) => {
    const [hour, minute] = time.split(':').map(Number);
    const schedule = parseBandwidthSchedule(text);
    if (schedule === undefined) throw new Error(`not understood: ${text}`);
    return limitAt(schedule, { day: days.indexOf(day), minute: (hour ?? 0) * 60 + (minute ?? 0) });
  };
  const MB = { bytes: 1_000_000, seconds: 1 };

  it('decide by the first period that holds', () => {
    const office = 'mon-fri 08:00-18:00 1MB/1s; sat,sun 5MB; else none';
    expect(at(office, 'mon', '08:00')).toEqual(MB);
    expect(at(office, 'fri', '17:59')).toEqual(MB);
    expect(at(office, 'fri', '18:00')).toBe('none');
    expect(at(office, 'sat', '12:00')).toMatchObject({ bytes: 5_000_000 });
    expect(at('10:00-11:00 1MB', 'wed', '10:30')).toEqual(MB);
    expect(at('10:00-11:00 1MB', 'wed', '11:00')).toBeUndefined();
    expect(at('FRI-MON 1MB;', 'sun', '00:00')).toEqual(MB);
    expect(at('00:00-24:00 1 MB / 1s', 'tue', '23:59')).toEqual(MB);
  });

  it('go on past midnight on the day after', () => {
    const night = 'fri 22:00-06:00 1MB';
    expect(at(night, 'fri', '22:00')).toEqual(MB);
    expect(at(night, 'sat', '05:59')).toEqual(MB);
    expect(at(night, 'fri', '05:00')).toBeUndefined();
    expect(at(night, 'sat', '22:00')).toBeUndefined();
  });

  it('are refused as a whole when a part is wrong', () => {
    for (const bad of [
      '',
      ';',
      'mon',
      'mon-fri 08:00 1MB',
      '25:00-26:00 1MB',
      '08:60-09:00 1MB',
      'else',
      'else 1MB; mon 2MB',
      'mon-fry 1MB',
      'none none',
      'mon 1MB;; tue 1MB',
      'x'.repeat(20_000),
    ]) {
      expect(parseBandwidthSchedule(bad), bad.slice(0, 40)).toBeUndefined();
    }
  });

  it('say for each minute of the week what the written periods say', () => {
    const clock = (minute: number) => `${Math.floor(minute / 60)}:${String(minute % 60).padStart(2, '0')}`;
    const period = fc.record({
      day: fc.nat(6),
      start: fc.nat(1439),
      length: fc.integer({ min: 1, max: 1439 }),
      rate: fc.integer({ min: 1, max: 999 }),
    });
    fc.assert(
      fc.property(
        fc.array(period, { minLength: 1, maxLength: 4 }),
        fc.nat(6),
        fc.nat(1439),
        (periods, day, minute) => {
          const text = periods
            .map((p) => `${days[p.day]} ${clock(p.start)}-${clock((p.start + p.length) % 1440)} ${p.rate}B`)
            .join('; ');
          const now = day * 1440 + minute;
          const within = ({ day, start, length }: (typeof periods)[number]) =>
            (now - (day * 1440 + start) + 10_080) % 10_080 < length;
          const schedule = parseBandwidthSchedule(`${text}; else none`);
          if (schedule === undefined) throw new Error(text);
          const expected = periods.find(within);
          expect(limitAt(schedule, { day, minute })).toEqual(
            expected === undefined ? 'none' : { bytes: expected.rate, seconds: 1 },
          );
        },
      ),
    );
  });

  it('never fail in any other way', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseBandwidthSchedule(text)));
    const words = fc.constantFrom(
      'mon',
      'mon-fri',
      'sat,sun',
      '08:00-18:00',
      '1MB',
      'none',
      'else',
      ';',
      '/',
      '1s',
    );
    fc.assert(fc.property(fc.array(words), (list) => void parseBandwidthSchedule(list.join(' '))));
  });
});
