import { setTimeout as sleep } from 'node:timers/promises';

/** A request that a server may still hold the transfer lock of: it has not noticed that the connection is gone. */
export interface MayBeHeld {
  /** A connection broke while it was under way, now or in a run before. */
  cut: boolean;
  /** Milliseconds to wait before it is asked for again. */
  pause: number;
}

/** Milliseconds: the first pause, and all pauses of a set of requests together. */
const FIRST = 100;
const ALL = 3000;

/** Decides which requests that were refused are asked for again, more and more slowly, and for a bounded time. */
export function createHeldTransfers(signal: AbortSignal): {
  /** Whether to ask again; sets the pause. */
  again(request: MayBeHeld): boolean;
  /** Waits for the pause of a request. Throws when the signal is aborted. */
  wait(request: MayBeHeld): Promise<unknown> | undefined;
} {
  let left = ALL;
  return {
    again(request) {
      if (!request.cut || left <= 0) return false;
      request.pause = request.pause === 0 ? FIRST : 2 * request.pause;
      left -= request.pause;
      return true;
    },
    wait: ({ pause }) => (pause > 0 ? sleep(pause, undefined, { signal }) : undefined),
  };
}
