import type { TrustLevel } from './trust.js';
import type { Uuid } from './uuid.js';
import { isClusterUuid } from './uuid.js';

/** How many copies of a content there should be. */
export interface CopiesWanted {
  /** Wanted, and to be verified before a drop. */
  readonly numcopies: number;
  /** Never to go below: so many must be locked or trusted during a drop. */
  readonly mincopies: number;
}

/** Where one of the two numbers may come from, the strongest first. Undefined: not given there. */
export interface CopiesSources {
  /** `--numcopies` or `--mincopies`. */
  readonly option?: number | undefined;
  /** The `.gitattributes` of the file. */
  readonly attribute?: number | undefined;
  /** numcopies.log or mincopies.log. */
  readonly log?: number | undefined;
  /** git config `annex.numcopies` (deprecated; there is none for mincopies). */
  readonly config?: number | undefined;
}

/** The number that counts: the first that is given, at least 1; 1 when none is. */
export function resolveCopies(sources: CopiesSources): number {
  const { option, attribute, log, config } = sources;
  return Math.max(1, option ?? attribute ?? log ?? config ?? 1);
}

/** A number from an option or attribute; undefined when it is not a whole number. */
export function parseCopies(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** The repositories that count as copies: each once, no clusters, none that is untrusted or dead. */
export function countedCopies(present: Iterable<Uuid>, trust: (uuid: Uuid) => TrustLevel): Uuid[] {
  const counted = new Set<Uuid>();
  for (const uuid of present) {
    const level = isClusterUuid(uuid) ? 'untrusted' : trust(uuid);
    if (level === 'trusted' || level === 'semitrusted') counted.add(uuid);
  }
  return [...counted];
}
