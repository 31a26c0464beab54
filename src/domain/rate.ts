import { parseSize } from './data-units.js';
import { parseDuration } from './duration.js';

/** So much in so much time. */
export interface Rate {
  /** More than 0. */
  readonly bytes: number;
  /** More than 0. */
  readonly seconds: number;
}

/**
 * A rate: `1MiB` (a second), `1MB/30s`, `100 kB / 2m`. A time without a number counts as one: `1MB/s`. git-annex reads the size
 * alone of a bandwidth limit, and takes it for one second. Undefined when it is none, or nothing would ever move.
 */
export function parseRate(text: string): Rate | undefined {
  const slash = text.indexOf('/');
  const bytes = parseSize(slash < 0 ? text : text.slice(0, slash));
  const time = slash < 0 ? '' : trimSpaces(text.slice(slash + 1));
  const seconds = time === '' ? 1 : parseDuration(/^[smhdy]$/.test(time) ? `1${time}` : time);
  if (bytes === undefined || seconds === undefined || bytes <= 0 || seconds <= 0) return undefined;
  return { bytes, seconds };
}

/** Bytes a second. */
export function perSecond({ bytes, seconds }: Rate): number {
  return bytes / seconds;
}

/**
 * What to do about transfers that stand still (`annex.stalldetection`): `off`; `hint`: say that they seem to; or a rate: abort
 * those that are slower.
 */
export type StallRule = 'off' | 'hint' | Rate;

/** `false`, `true`, or the least that is to flow in a time, `1KB/30s`. Undefined when it is none of these. */
export function parseStallRule(text: string): StallRule | undefined {
  const word = trimSpaces(text).toLowerCase();
  if (['false', 'no', 'off', '0', ''].includes(word)) return 'off';
  if (['true', 'yes', 'on', '1'].includes(word)) return 'hint';
  return word.includes('/') ? parseRate(text) : undefined;
}

function trimSpaces(text: string): string {
  return text.replace(/^ +| +$/g, '');
}
