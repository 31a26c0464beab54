import type { Rate } from '../domain/rate.js';

/** Watches the flow of one transfer. All times are monotonic milliseconds. */
export interface StallWatch {
  /** So many bytes are done. */
  moved(bytes: number, now: number): void;
  /** Nothing could move until now, for a reason of our own: the time before does not count. */
  restart(now: number): void;
  /** Whether less than wanted has flowed in the last period. To be asked a few times a period. */
  stalled(now: number): boolean;
}

/** Periods for which the first sign of progress is waited for. */
const FIRST_PATIENCE = 3;

/**
 * Tells when less than `least` flows. Where the first progress takes longer than the period, the remote may be one that
 * seldom tells: then three times that long becomes the period, and the amount grows alike, as git-annex does it.
 */
export function createStallWatch(least: Rate, start: number): StallWatch {
  let { bytes: amount } = least;
  let period = least.seconds * 1000;
  let since = start;
  let before = 0;
  let done: number | undefined;
  return {
    moved(bytes, now) {
      if (done === undefined && now - since > period) {
        const factor = (FIRST_PATIENCE * (now - since)) / period;
        period *= factor;
        amount *= factor;
      }
      if (done === undefined) {
        since = now;
        before = bytes;
      }
      done = bytes;
    },
    restart(now) {
      since = now;
      before = done ?? 0;
    },
    stalled(now) {
      if (done === undefined) return now - since >= period * FIRST_PATIENCE;
      if (now - since < period) return false;
      if (done - before < amount) return true;
      since = now;
      before = done;
      return false;
    },
  };
}
