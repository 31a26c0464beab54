import { setTimeout as sleepFor } from 'node:timers/promises';
import type { WeekTime } from '../../domain/bandwidth-schedule.js';

/** The time, for what waits and measures; tests bring their own. */
export interface Clock {
  /** Monotonic milliseconds. */
  now(): number;
  /** Local time. */
  week(): WeekTime;
  /** Ends early, without an error, when the signal is aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** Calls again and again until stopped. */
  every(milliseconds: number, call: () => void): { stop(): void };
}

export const systemClock: Clock = {
  now: () => performance.now(),
  week() {
    const date = new Date();
    return { day: date.getDay(), minute: date.getHours() * 60 + date.getMinutes() };
  },
  async sleep(milliseconds, signal) {
    try {
      await sleepFor(milliseconds, undefined, signal === undefined ? {} : { signal });
    } catch {
      // Aborted: whoever waited looks at the signal.
    }
  },
  every(milliseconds, call) {
    const timer = setInterval(call, milliseconds);
    timer.unref();
    return { stop: () => clearInterval(timer) };
  },
};
