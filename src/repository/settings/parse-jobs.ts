import { availableParallelism } from 'node:os';

/** How many things are to be done at once: a number or `cpus` (`annex.jobs`); undefined when it is neither. */
export function parseJobs(value: string): number | undefined {
  if (value === 'cpus') return availableParallelism();
  return /^\d{1,4}$/.test(value) ? Math.max(1, Number(value)) : undefined;
}
