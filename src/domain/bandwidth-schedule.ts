import { parseRate, type Rate } from './rate.js';

/** `none`: as fast as it goes. */
export type Limit = Rate | 'none';

/** A time of the week, and what holds then. */
interface Period {
  /** Days on which it starts, 0 is Sunday. */
  readonly days: ReadonlySet<number>;
  /** Minutes after midnight. An end that is not after the start is on the next day. */
  readonly start: number;
  readonly end: number;
  readonly limit: Limit;
}

/** Which bandwidth may be used when: the first period that holds a moment decides. */
export interface BandwidthSchedule {
  readonly periods: readonly Period[];
  /** For all other times; undefined: the schedule says nothing about them. */
  readonly otherwise: Limit | undefined;
}

/** A moment of the week, in local time. */
export interface WeekTime {
  /** 0 is Sunday. */
  readonly day: number;
  /** Minutes after midnight, below 1440. */
  readonly minute: number;
}

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const DAY_MINUTES = 24 * 60;
/** More than any timetable needs; a hostile setting costs no more. */
const LONGEST = 10_000;

/**
 * Reads `mon-fri 08:00-18:00 1MB/1s; sat,sun 5MB; else none`: parts between semicolons, each `[DAYS] [HH:MM-HH:MM] LIMIT`, where a
 * LIMIT is a rate or `none`. Without days: every day; without a time: all day; `else` at the end: at all other times.
 * Undefined when it is not of this form.
 */
export function parseBandwidthSchedule(text: string): BandwidthSchedule | undefined {
  if (text.length > LONGEST) return undefined;
  const parts = text.split(';').map((part) => part.split(' ').filter((word) => word !== ''));
  if (parts.at(-1)?.length === 0) parts.pop();
  let otherwise: Limit | undefined;
  const periods: Period[] = [];
  for (const [at, words] of parts.entries()) {
    if (words[0]?.toLowerCase() === 'else') {
      otherwise = at === parts.length - 1 ? parseLimit(words.slice(1)) : undefined;
      if (otherwise === undefined) return undefined;
      continue;
    }
    const period = parsePeriod(words);
    if (period === undefined) return undefined;
    periods.push(period);
  }
  return parts.length === 0 ? undefined : { periods, otherwise };
}

/** What holds at a moment; undefined: the schedule does not say. */
export function limitAt({ periods, otherwise }: BandwidthSchedule, time: WeekTime): Limit | undefined {
  return periods.find((period) => holds(period, time))?.limit ?? otherwise;
}

function holds({ days, start, end }: Period, { day, minute }: WeekTime): boolean {
  if (start < end) return days.has(day) && minute >= start && minute < end;
  return (days.has(day) && minute >= start) || (days.has((day + 6) % 7) && minute < end);
}

function parsePeriod(words: readonly string[]): Period | undefined {
  const rest = [...words];
  const days = parseDays(rest[0] ?? '');
  if (days !== undefined) rest.shift();
  const times = /^(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})$/.exec(rest[0] ?? '');
  if (times !== null) rest.shift();
  const limit = parseLimit(rest);
  const start = times === null ? 0 : minuteOf(times[1], times[2]);
  const end = times === null ? DAY_MINUTES : minuteOf(times[3], times[4]);
  if (limit === undefined || start === undefined || end === undefined || start === DAY_MINUTES)
    return undefined;
  return { days: days ?? new Set(DAYS.keys()), start, end, limit };
}

/** Sizes are read leniently elsewhere, with any text behind them; here that would hide a mistake. */
const RATE = /^\d+(?:\.\d+)? ?[A-Za-z]*(?: ?\/ ?[0-9smhdy]+)?$/;

function parseLimit(words: readonly string[]): Limit | undefined {
  const text = words.join(' ');
  if (text.toLowerCase() === 'none') return 'none';
  return RATE.test(text) ? parseRate(text) : undefined;
}

/** `mon`, `mon-fri`, `sat,sun`, `fri-mon` */
function parseDays(word: string): ReadonlySet<number> | undefined {
  const days = new Set<number>();
  for (const range of word.toLowerCase().split(',')) {
    const [first = -1, last = first, ...more] = range.split('-').map((name) => DAYS.indexOf(name));
    if (first < 0 || last < 0 || more.length > 0) return undefined;
    for (let day = first; ; day = (day + 1) % 7) {
      days.add(day);
      if (day === last) break;
    }
  }
  return days;
}

function minuteOf(hour: string | undefined, minute: string | undefined): number | undefined {
  const total = Number(hour) * 60 + Number(minute);
  return Number(minute) > 59 || total > DAY_MINUTES ? undefined : total;
}
