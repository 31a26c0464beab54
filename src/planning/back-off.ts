/** How long a remote that failed is left alone. */
export interface BackOff {
  /** Failures in a row; at least 1. */
  readonly failures: number;
  /** When it failed last: milliseconds since 1970. */
  readonly failedAt: number;
  /** Milliseconds from then until unattended runs ask again. */
  readonly delay: number;
}

/** Milliseconds after the first failure. */
const shortest = 60_000;

/**
 * The back-off after one more failure: a minute, then twice as long each time, up to `longest` milliseconds. Up to a quarter
 * is taken off at random, so that many clients of one server do not come back at the same moment.
 * @param random in [0, 1)
 */
export function nextBackOff(
  before: BackOff | undefined,
  now: number,
  longest: number,
  random: number,
): BackOff {
  const failures = Math.min((before?.failures ?? 0) + 1, 1_000_000);
  const full = Math.min(shortest * 2 ** Math.min(failures - 1, 40), longest);
  return { failures, failedAt: now, delay: Math.round(full * (1 - random / 4)) };
}

/**
 * Milliseconds until it may be asked again; 0: now. A clock that was set back says nothing about how much time has passed:
 * then it may be asked. So it may when the limit has been lowered since.
 */
export function backOffLeft({ failedAt, delay }: BackOff, now: number, longest: number): number {
  if (now < failedAt) return 0;
  return Math.max(0, failedAt + Math.min(delay, longest) - now);
}
