import type { TrustLevel } from '../domain/trust.js';
import type { Uuid } from '../domain/uuid.js';

/** What decides in which order remotes are asked for a content. */
export interface RemoteCandidate {
  readonly uuid: Uuid;
  /** Cheaper first; `annex-cost`. */
  readonly cost: number;
  readonly trust: TrustLevel;
}

/**
 * The remotes to get content from, in the order to try them: those recorded to have it, the cheapest first; remotes of
 * the same cost in the order given. Dead ones are left out. Untrusted ones stay: what they send is verified.
 */
export function remotesToGetFrom<R extends RemoteCandidate>(
  remotes: readonly R[],
  locations: Iterable<Uuid>,
): R[] {
  const present = new Set(locations);
  return byCost(remotes.filter(({ uuid, trust }) => trust !== 'dead' && present.has(uuid)));
}

/** Remotes by cost, stable. */
export function byCost<R extends { readonly cost: number }>(remotes: readonly R[]): R[] {
  return [...remotes].sort((a, b) => a.cost - b.cost);
}

/**
 * Remotes by cost, those of the same cost taking turns: with `turn` counting up, each is first equally often. Spreads
 * many transfers over equally cheap remotes.
 */
export function takingTurns<R extends { readonly cost: number }>(remotes: readonly R[], turn: number): R[] {
  const sorted = byCost(remotes);
  const result: R[] = [];
  let start = 0;
  while (start < sorted.length) {
    let end = start;
    while (end < sorted.length && sorted[end]?.cost === sorted[start]?.cost) end++;
    for (let i = 0; i < end - start; i++) result.push(sorted[start + ((i + turn) % (end - start))] as R);
    start = end;
  }
  return result;
}
