/** How long one of several receivers of the same content has made the others wait. Milliseconds. */
export interface Pace {
  /** The stretch of time that is looked at. */
  readonly elapsed: number;
  /** The part of it in which the fastest receiver could have gone on but for this one; no more than all of it. */
  readonly behind: number;
}

/** A receiver that makes a transfer take so many times longer than the fastest one would, is too slow. */
const FACTOR = 8;

/** How many times longer than a receiver may make the others wait the stretch is that is looked at. */
const STRETCH = 4;

/**
 * Milliseconds for which a receiver may make the others wait on, if it does so all the time; none are left for one that does
 * not keep up: it has made them wait for as long as `patience`, and the transfer takes many times longer for it.
 */
export function graceLeft({ elapsed, behind }: Pace, patience: number): number {
  return Math.max(patience - behind, (FACTOR - 1) * elapsed - FACTOR * behind, 0);
}

/** Whether a stretch is so long that what was at its beginning says little: then a new one begins. */
export function isStale({ elapsed }: Pace, patience: number): boolean {
  return elapsed > STRETCH * patience;
}
