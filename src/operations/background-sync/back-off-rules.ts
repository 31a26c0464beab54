import type { BackOff } from '../../planning/back-off.js';
import { backOffLeft, nextBackOff } from '../../planning/back-off.js';
import type { Settings } from '../../repository/settings/settings.js';

/** The back-off of one repository: the rules with its clock, its randomness and its setting. */
export interface BackOffRules {
  /** After one more failure. */
  next(before: BackOff | undefined): BackOff;
  /** Milliseconds until it may be asked again; 0: now. */
  left(backOff: BackOff | undefined): number;
}

/** Seconds a remote is left alone at most (`annex-ts.backoff-limit`); 0: never. */
const longest = 3600;

export function backOffRules(
  settings: Settings,
  now: () => number = Date.now,
  random: () => number = Math.random,
): BackOffRules {
  const limit = Math.max(0, settings.int('annex-ts.backoff-limit', longest)) * 1000;
  return {
    next: (before) => nextBackOff(before, now(), limit, random()),
    left: (backOff) => (backOff === undefined ? 0 : backOffLeft(backOff, now(), limit)),
  };
}
