import { graceLeft, isStale } from './keeping-up.js';

/** Several receivers of the same content, of which each has something to do; then all begin the next lap together. */
export interface Race {
  nextLap(): void;
  /** For one more receiver. */
  join(): Runner;
}

export interface Runner {
  /** Begins its lap. @param isLast what was before does not count */
  start(isLast: boolean): void;
  /** Milliseconds for which it may still make the others wait in this lap. */
  grace(): number;
  /** It has done what there was to do in this lap. */
  arrived(): void;
}

/**
 * Keeps account of how long each makes the first one wait.
 * @param patience milliseconds that each may do so
 * @param now monotonic milliseconds
 */
export function createRace(patience: number, now: () => number): Race {
  let firstArrived: number | undefined;
  return {
    nextLap() {
      firstArrived = undefined;
    },
    join() {
      let since = now();
      let started = since;
      let behind = 0;
      const inThisLap = () =>
        firstArrived === undefined ? 0 : Math.max(0, now() - Math.max(firstArrived, started));
      const pace = () => ({ elapsed: now() - since, behind: behind + inThisLap() });
      return {
        start(isLast) {
          started = now();
          if (!isLast && !isStale(pace(), patience)) return;
          since = started;
          behind = 0;
        },
        grace: () => graceLeft(pace(), patience),
        arrived() {
          behind += inThisLap();
          firstArrived ??= now();
        },
      };
    },
  };
}
