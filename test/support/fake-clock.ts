import { setImmediate as turn } from 'node:timers/promises';
import type { WeekTime } from '../../src/domain/bandwidth-schedule.js';
import type { Clock } from '../../src/remotes/wrappers/clock.js';

interface Timer {
  at: number;
  readonly call: () => void;
  readonly every: number | undefined;
}

/** A clock that moves when the test says so, from event to event. */
export interface FakeClock extends Clock {
  week: () => WeekTime;
  /** Moves on so many milliseconds, and lets everything happen that is due meanwhile. */
  advance(milliseconds: number): Promise<void>;
  /** Moves on until the promise is settled. */
  until<T>(promise: Promise<T>): Promise<T>;
}

export function createFakeClock(): FakeClock {
  let time = 0;
  const timers = new Set<Timer>();

  async function settle(): Promise<void> {
    for (let i = 0; i < 20; i++) await turn();
  }
  function earliest(): Timer | undefined {
    return [...timers].sort((a, b) => a.at - b.at)[0];
  }
  function fire(timer: Timer): void {
    time = Math.max(time, timer.at);
    if (timer.every === undefined) timers.delete(timer);
    else timer.at += timer.every;
    timer.call();
  }
  return {
    now: () => time,
    week: () => ({ day: 1, minute: 0 }),
    sleep: (milliseconds, signal) =>
      new Promise((resolve) => {
        const end = () => {
          timers.delete(timer);
          signal?.removeEventListener('abort', end);
          resolve();
        };
        const timer: Timer = { at: time + milliseconds, call: end, every: undefined };
        if (signal?.aborted) return resolve();
        signal?.addEventListener('abort', end);
        timers.add(timer);
      }),
    every(milliseconds, call) {
      const timer = { at: time + milliseconds, call, every: milliseconds };
      timers.add(timer);
      return { stop: () => void timers.delete(timer) };
    },
    async advance(milliseconds) {
      const end = time + milliseconds;
      await settle();
      for (let next = earliest(); next !== undefined && next.at <= end; next = earliest()) {
        fire(next);
        await settle();
      }
      time = end;
    },
    async until(promise) {
      let settled = false;
      const done = () => {
        settled = true;
      };
      promise.then(done, done);
      await settle();
      for (let steps = 0; !settled; steps++) {
        const next = earliest();
        if (next === undefined || steps > 100_000) throw new Error('nothing will happen any more');
        fire(next);
        await settle();
      }
      return promise;
    },
  };
}
