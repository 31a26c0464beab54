import type { ByteString } from '../lib/bytes.js';
import { splitWords } from '../lib/words.js';
import { formatDurationBriefly, parseDuration } from './duration.js';
import { compareBytes } from './logs/lines.js';

const PERIODS = ['day', 'week', 'month', 'year'] as const;
type Period = (typeof PERIODS)[number];

/** When something happens again: `on day 2 of weeks divisible by 3` is `{ period: 'week', day: 2, divisor: 3 }`. */
export interface Recurrence {
  readonly period: Period;
  readonly day: number | undefined;
  readonly divisor: number | undefined;
}

/** A job for the assistant: `fsck self 1h every month at 3 AM`. */
export interface ScheduledJob {
  /** The uuid of the remote to check; undefined: `self`. */
  readonly repository: ByteString | undefined;
  /** How long it may take. */
  readonly seconds: number;
  readonly recurrence: Recurrence;
  /** Minutes after midnight; undefined: any time. */
  readonly minute: number | undefined;
}

/** Jobs from their text (man git-annex-schedule), or what is wrong with it in git-annex's words. Empty: none. */
export function parseSchedule(text: ByteString): readonly ScheduledJob[] | string {
  if (text === '') return [];
  const jobs: ScheduledJob[] = [];
  for (const part of text.split('; ') as ByteString[]) {
    const job = parseJob(part);
    if (typeof job === 'string') return job;
    jobs.push(job);
  }
  return jobs;
}

/** Each job once, in the order in which git-annex shows them. */
export function sortedJobs(jobs: readonly ScheduledJob[]): readonly ScheduledJob[] {
  return [...new Map(jobs.map((job) => [formatJob(job), job])).values()].sort(compareJobs);
}

/** The text of jobs as `schedule.log` has it. */
export function formatSchedule(jobs: readonly ScheduledJob[]): ByteString {
  return jobs.map(formatJob).join('; ') as ByteString;
}

function parseJob(text: ByteString): ScheduledJob | string {
  const [activity, repository, duration, ...rest] = splitWords(text);
  if (activity !== 'fsck' || repository === undefined || duration === undefined) {
    return `unknown activity in "${text}"`;
  }
  const seconds = parseDuration(duration);
  if (seconds === undefined) {
    return `failed to parse duration "${duration}" (expected eg "5m" or "1h5m") in "${text}"`;
  }
  const at = rest.indexOf('at' as ByteString);
  const recurrenceText = (at === -1 ? rest : rest.slice(0, at)).join(' ');
  const recurrence = parseRecurrence(recurrenceText);
  if (recurrence === undefined) return `bad recurrence: ${recurrenceText} in "${text}"`;
  const time = at === -1 ? '' : rest.slice(at + 1).join(' ');
  const minute = time === 'any time' ? undefined : parseMinute(time);
  if (minute === undefined && time !== 'any time') return `bad time of day: ${time} in "${text}"`;
  return {
    repository: repository === 'self' ? undefined : (repository as ByteString),
    seconds,
    recurrence,
    minute,
  };
}

const PLAIN = /^(?:on day (\d+) of )?every (day|week|month|year)$/;
const DIVISIBLE =
  /^(?:every (week|month|year)|(?:on day (\d+) of )?(day|week|month|year)s) divisible by (\d+)$/;

function parseRecurrence(text: string): Recurrence | undefined {
  const plain = PLAIN.exec(text);
  if (plain !== null) return recurrence(plain[2] as Period, plain[1], undefined);
  const divisible = DIVISIBLE.exec(text);
  if (divisible === null) return undefined;
  return recurrence((divisible[1] ?? divisible[3]) as Period, divisible[2], divisible[4]);
}

function recurrence(
  period: Period,
  day: string | undefined,
  divisor: string | undefined,
): Recurrence | undefined {
  if ((period === 'day' && day !== undefined) || Number(divisor) === 0) return undefined;
  return {
    period,
    day: day === undefined ? undefined : Number(day),
    divisor: divisor === undefined ? undefined : Number(divisor),
  };
}

/** `4 AM`, `4:05 PM`, `16:30`, `16` */
function parseMinute(text: string): number | undefined {
  const match = /^(\d{1,2})(?::(\d{1,2}))? *(am|pm)?$/i.exec(text);
  if (match === null) return undefined;
  const half = match[3]?.toLowerCase();
  const given = Number(match[1]);
  const hour = half === undefined ? given : (given === 12 ? 0 : given) + (half === 'pm' ? 12 : 0);
  const minute = Number(match[2] ?? 0);
  return hour > 23 || minute > 59 ? undefined : hour * 60 + minute;
}

function formatJob({ repository, seconds, recurrence, minute }: ScheduledJob): ByteString {
  const time = minute === undefined ? 'any time' : formatMinute(minute);
  const words = [
    'fsck',
    repository ?? 'self',
    formatDurationBriefly(seconds),
    formatRecurrence(recurrence),
    'at',
    time,
  ];
  return words.join(' ') as ByteString;
}

function formatRecurrence({ period, day, divisor }: Recurrence): string {
  const start = day === undefined ? '' : `on day ${day} of `;
  return divisor === undefined ? `${start}every ${period}` : `${start}${period}s divisible by ${divisor}`;
}

function formatMinute(total: number): string {
  const hour = Math.floor(total / 60);
  const minute = total % 60;
  const minutes = minute === 0 ? '' : `:${String(minute).padStart(2, '0')}`;
  return `${hour % 12 === 0 ? 12 : hour % 12}${minutes} ${hour < 12 ? 'AM' : 'PM'}`;
}

/** git-annex's order: this repository first, then by recurrence, time and duration. */
function compareJobs(a: ScheduledJob, b: ScheduledJob): number {
  return (
    Number(a.repository !== undefined) - Number(b.repository !== undefined) ||
    compareBytes(a.repository ?? '', b.repository ?? '') ||
    compareRecurrences(a.recurrence, b.recurrence) ||
    (a.minute ?? -1) - (b.minute ?? -1) ||
    a.seconds - b.seconds
  );
}

function compareRecurrences(a: Recurrence, b: Recurrence): number {
  return (
    (a.divisor ?? 0) - (b.divisor ?? 0) ||
    PERIODS.indexOf(a.period) - PERIODS.indexOf(b.period) ||
    (a.day ?? -1) - (b.day ?? -1)
  );
}
