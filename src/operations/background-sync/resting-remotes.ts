import type { Emit } from '../../domain/events.js';
import { formatDuration } from '../../domain/duration.js';
import { toText } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import { backOffRules } from './back-off-rules.js';
import { openFailureStore } from './failure-store.js';

/** A remote that is not asked for a while, since it failed. */
export interface RestingRemote {
  readonly name: string;
  /** Whole seconds, at least 1. */
  readonly secondsLeft: number;
}

/**
 * Divides remotes into those to be asked now, and those that failed so recently that an unattended run leaves them alone; the
 * latter are named.
 */
export function leaveResting<R extends { readonly name: string }>(
  repository: Repository,
  remotes: readonly R[],
  emit: Emit,
): { readonly ready: R[]; readonly resting: RestingRemote[] } {
  const store = openFailureStore(repository.annexDir, 'remotes');
  const rules = backOffRules(repository.settings);
  const failures = new Map(store.all().map((failure) => [failure.subject as string, failure]));
  const ready: R[] = [];
  const resting: RestingRemote[] = [];
  for (const remote of remotes) {
    const failure = failures.get(remote.name);
    const left = rules.left(failure?.backOff);
    if (failure === undefined || left === 0) ready.push(remote);
    else {
      resting.push({ name: remote.name, secondsLeft: Math.ceil(left / 1000) });
      tellResting(emit, failure.subject, failure.backOff?.failures ?? 1, left);
    }
  }
  return { ready, resting };
}

function tellResting(emit: Emit, name: Parameters<typeof toText>[0], failures: number, left: number): void {
  const often = failures === 1 ? 'failed once' : `failed ${failures} times`;
  const wait = `not asked for another ${formatDuration(Math.ceil(left / 1000))}`;
  emit({
    type: 'aside',
    text: `${toText(name)} ${often}: ${wait}; git annex-ts sync ${toText(name)} asks now`,
  });
}
