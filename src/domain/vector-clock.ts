import type { ByteString } from '../lib/bytes.js';

declare const clockBrand: unique symbol;

/**
 * The time of a log line in seconds since 1970, as canonical decimal text without the `s`: `1287290776.765152`, `-3.5`,
 * no leading zeros, at most twelve digits after the point and no zero at the end. Kept as text because every digit
 * counts and any number of them may come.
 */
export type VectorClock = ByteString & { readonly [clockBrand]: true };

/** Of old lines that carry no time; before every other. */
export const unknownClock = '' as VectorClock;

const grammar = /^([+-]?)0*(\d+)(?:\.(\d+))?s?$/;

/**
 * A clock from a log (`1287290776.765152s`; the `s` may be missing) or from `GIT_ANNEX_VECTOR_CLOCK`. Digits beyond the
 * twelfth after the point are cut off, as git-annex does. Undefined when it is not a time.
 */
export function parseClock(text: string): VectorClock | undefined {
  if (isCanonical(text)) return text.slice(0, -1) as VectorClock;
  const match = grammar.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = '0', digits = ''] = match;
  const fraction = digits.slice(0, 12).replace(/0+$/, '');
  const number = fraction === '' ? whole : `${whole}.${fraction}`;
  return (sign === '-' && whole !== '0' ? `-${number}` : number) as VectorClock;
}

/** Whether the text is a clock as git-annex writes those after 1970: by far the most. */
function isCanonical(text: string): boolean {
  const end = text.length - 1;
  if (text.charCodeAt(end) !== 0x73 || text.charCodeAt(0) === 0x30) return false;
  let point = end;
  for (let i = 0; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x2e && point === end && i > 0) point = i;
    else if (code < 0x30 || code > 0x39) return false;
  }
  if (point === end) return end > 0;
  return end - point > 1 && end - point <= 13 && text.charCodeAt(end - 1) !== 0x30;
}

/** A clock as logs hold it: `1287290776.765152s`. */
export function formatClock(clock: VectorClock): ByteString {
  return `${clock === unknownClock ? '0' : clock}s` as ByteString;
}

/** Less than, equal to or greater than zero as `a` is before, at or after `b`; exact. */
export function compareClocks(a: VectorClock, b: VectorClock): number {
  if (a === b) return 0;
  if (a === unknownClock) return -1;
  if (b === unknownClock) return 1;
  const negativeA = a.startsWith('-');
  if (negativeA !== b.startsWith('-')) return negativeA ? -1 : 1;
  return negativeA ? compareMagnitudes(b, a) : compareMagnitudes(a, b);
}

/** Whether `a` is after `b`. */
export function isNewer(a: VectorClock, b: VectorClock): boolean {
  return compareClocks(a, b) > 0;
}

/**
 * The clock of a new line that replaces one of `previous`: `now`, or where that would not be newer (a clock set back, a
 * `GIT_ANNEX_VECTOR_CLOCK` standing still), `previous` and one second.
 */
export function nextClock(now: VectorClock, previous: VectorClock | undefined): VectorClock {
  if (previous === undefined || isNewer(now, previous)) return now;
  const [whole = '0', fraction] = previous.split('.');
  const next = BigInt(whole) + 1n;
  if (fraction === undefined) return String(next) as VectorClock;
  // -1.4 and a second is -0.4, which a log cannot say (git-annex reads it as 0.4); 0 is the next that it can.
  if (next === 0n && previous.startsWith('-')) return '0' as VectorClock;
  return `${next}.${fraction}` as VectorClock;
}

/** The clock of a moment by the system's clock: whole seconds, as git-annex records them. */
export function clockFromMilliseconds(milliseconds: number): VectorClock {
  return String(Math.floor(milliseconds / 1000)) as VectorClock;
}

/**
 * The clock to log with: `GIT_ANNEX_VECTOR_CLOCK` when it holds a time, else the system's.
 * @param override the variable's value
 * @param milliseconds since 1970
 */
export function clockFromEnvironment(override: string | undefined, milliseconds: number): VectorClock {
  return (override === undefined ? undefined : parseClock(override)) ?? clockFromMilliseconds(milliseconds);
}

/** Seconds since 1970 as a number, for display and age; may be imprecise. */
export function clockSeconds(clock: VectorClock): number {
  return clock === unknownClock ? 0 : Number(clock);
}

function compareMagnitudes(a: string, b: string): number {
  const wholeA = wholeLength(a);
  const wholeB = wholeLength(b);
  if (wholeA !== wholeB) return wholeA - wholeB;
  return a < b ? -1 : a > b ? 1 : 0;
}

function wholeLength(number: string): number {
  const point = number.indexOf('.');
  return point === -1 ? number.length : point;
}
