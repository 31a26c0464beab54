import { type VectorClock, clockFromEnvironment } from '../../domain/vector-clock.js';

/** The time that new log lines get. */
export interface LogClock {
  now(): VectorClock;
}

/** The system's clock, or `GIT_ANNEX_VECTOR_CLOCK` where that is set. */
export function createLogClock(
  override: string | undefined = process.env['GIT_ANNEX_VECTOR_CLOCK'],
  milliseconds: () => number = Date.now,
): LogClock {
  return { now: () => clockFromEnvironment(override, milliseconds()) };
}
