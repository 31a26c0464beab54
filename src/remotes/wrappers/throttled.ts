import { perSecond, type Rate } from '../../domain/rate.js';
import type { Remote, TransferContext, TransferRequest } from '../remote.js';
import type { Clock } from './clock.js';

/** Gives the limit that holds now; undefined: as fast as it goes. */
export type CurrentLimit = () => Rate | undefined;

export interface ThrottleLimits {
  readonly download: CurrentLimit | undefined;
  readonly upload: CurrentLimit | undefined;
}

/** Waits until so many bytes may have moved; undefined: no need to wait. */
export type Pace = (bytes: number, signal: AbortSignal) => Promise<void> | undefined;

/** Longest wait in milliseconds between two looks at the limit, which a timetable changes. */
const SLICE = 1000;

/**
 * Spreads bytes over time, for all transfers that share it together. The limit is looked at again and again, so that a
 * change holds for transfers that are on their way.
 */
export function createPace(limit: CurrentLimit, clock: Clock): Pace {
  /** Until when the bytes so far take, at the rates of their time. */
  let paidUntil = clock.now();
  let turn: Promise<void> = Promise.resolve();

  async function pay(bytes: number, signal: AbortSignal): Promise<void> {
    let left = bytes;
    while (left > 0 && !signal.aborted) {
      const rate = limit();
      if (rate === undefined) return;
      const start = Math.max(paidUntil, clock.now());
      const milliseconds = Math.min(SLICE, (left / perSecond(rate)) * 1000);
      left -= (milliseconds / 1000) * perSecond(rate);
      paidUntil = start + milliseconds;
      if (left < 1) left = 0;
      const wait = paidUntil - clock.now();
      if (wait > 1) await clock.sleep(wait, signal);
    }
  }
  return (bytes, signal) => {
    if (bytes <= 0 || limit() === undefined) return undefined;
    turn = turn.then(() => pay(bytes, signal));
    return turn;
  };
}

/** A remote with which no more than so much moves in a time (`annex.bwlimit`): it waits for the progress it reports. */
export function throttled(inner: Remote, limits: ThrottleLimits, clock: Clock): Remote {
  const down = limits.download && createPace(limits.download, clock);
  const up = limits.upload && createPace(limits.upload, clock);
  return {
    ...inner,
    retrieve: (requests, context) => inner.retrieve(requests, paced(context, down)),
    store: (requests, context) => inner.store(requests, paced(context, up)),
  };
}

function paced<R extends TransferRequest>(
  context: TransferContext<R>,
  pace: Pace | undefined,
): TransferContext<R> {
  if (pace === undefined) return context;
  const { signal } = context;
  const moved = new WeakMap<R, number>();
  return {
    ...context,
    onStart(request) {
      moved.set(request, 0);
      context.onStart?.(request);
    },
    onResume(request, bytes) {
      moved.set(request, bytes);
      context.onResume?.(request, bytes);
    },
    onProgress(request, bytes) {
      const before = moved.get(request) ?? 0;
      moved.set(request, bytes);
      const told = context.onProgress?.(request, bytes);
      const waiting = pace(bytes - before, signal);
      return told === undefined ? waiting : told.then(() => waiting);
    },
  };
}
