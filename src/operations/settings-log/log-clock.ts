import { clockFromEnvironment, type VectorClock } from '../../domain/vector-clock.js';

/** The time to log a change with: the system's, or what `GIT_ANNEX_VECTOR_CLOCK` says. */
export function logClock(): VectorClock {
  return clockFromEnvironment(process.env['GIT_ANNEX_VECTOR_CLOCK'], Date.now());
}
