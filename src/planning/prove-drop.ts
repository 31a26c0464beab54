import type { SafeDropProof } from '../domain/drop-proof.js';
import type { Key } from '../domain/key.js';
import type { Uuid } from '../domain/uuid.js';
import { isClusterUuid } from '../domain/uuid.js';

/** A copy that was verified a moment ago. */
export interface VerifiedCopy {
  readonly uuid: Uuid;
  /** Milliseconds of the monotonic clock until which that holds; undefined: until it is released. */
  readonly expires: number | undefined;
}

export interface DropFacts {
  readonly key: Key;
  /** The repository to drop from: never a copy for its own drop. */
  readonly target: Uuid;
  /** Repositories that lose it along with the target: the nodes of a cluster. */
  readonly lost?: ReadonlySet<Uuid>;
  /** Copies that are locked now: they can't be dropped meanwhile. */
  readonly locked: readonly VerifiedCopy[];
  /** Trusted repositories that are recorded to have the content. */
  readonly trusted: readonly Uuid[];
  /**
   * Copies that were seen but can't be locked (special remotes, plain web servers). They count for numcopies; for mincopies only
   * when that is 1 and the target is `held`.
   */
  readonly seen?: readonly VerifiedCopy[];
  /**
   * Whether the content to go is locked for nobody else since before the copies were looked at. Who drops another copy in the
   * meantime can't count on this one then, so that a copy seen is enough.
   */
  readonly held?: boolean;
  readonly numcopies: number;
  readonly mincopies: number;
  /** The user said that losing the content is fine. */
  readonly force?: boolean;
}

/** Why a drop is not safe. */
export interface DropShortfall {
  /**
   * `numcopies`: too few copies were verified; `mincopies`: enough, but too few of them are locked or trusted.
   * git-annex says for the first "Could only verify the existence of VERIFIED out of NEEDED necessary copies" (for the
   * second see git-annex-mincopies).
   */
  readonly kind: 'numcopies' | 'mincopies';
  readonly needed: number;
  /** The copies that count for `needed`. */
  readonly verified: readonly Uuid[];
}

export type DropDecision =
  | { readonly proof: SafeDropProof; readonly shortfall: undefined }
  | { readonly proof: undefined; readonly shortfall: DropShortfall };

/**
 * The only maker of drop proofs. A drop is safe when `numcopies` other repositories are verified to have the content and
 * `mincopies` of them are locked or trusted (see `held`). Every repository counts once, clusters and the target never.
 */
export function proveDrop(facts: DropFacts): DropDecision {
  const { key, target } = facts;
  if (facts.force) return proven(key, []);
  const numcopies = Math.max(1, facts.numcopies);
  const mincopies = Math.max(1, facts.mincopies);
  const counts = ({ uuid }: VerifiedCopy): boolean =>
    uuid !== target && !isClusterUuid(uuid) && facts.lost?.has(uuid) !== true;
  const trusted = facts.trusted.map((uuid) => ({ uuid, expires: undefined }));
  const strong = longestLasting([...trusted, ...facts.locked].filter(counts));
  const strongUuids = new Set(strong.map(({ uuid }) => uuid));
  const weak = longestLasting((facts.seen ?? []).filter(counts)).filter(({ uuid }) => !strongUuids.has(uuid));
  const all = [...strong, ...weak];
  if (all.length < numcopies) return fallsShort('numcopies', numcopies, all);
  const exempt = facts.held === true && mincopies === 1;
  if (strong.length < mincopies && !exempt) return fallsShort('mincopies', mincopies, strong);
  const firm = strong.slice(0, mincopies);
  const rest = longestLasting([...strong.slice(mincopies), ...weak]).slice(
    0,
    Math.max(0, numcopies - firm.length),
  );
  return proven(key, [...firm, ...rest]);
}

/** Each repository once, with its longest promise; the longest first. */
function longestLasting(copies: readonly VerifiedCopy[]): VerifiedCopy[] {
  const sorted = [...copies].sort((a, b) => compareExpiry(b.expires, a.expires));
  const seen = new Set<Uuid>();
  return sorted.filter(({ uuid }) => !seen.has(uuid) && seen.add(uuid));
}

function compareExpiry(a: number | undefined, b: number | undefined): number {
  const [x, y] = [a ?? Number.POSITIVE_INFINITY, b ?? Number.POSITIVE_INFINITY];
  return x === y ? 0 : x - y;
}

function proven(key: Key, copies: readonly VerifiedCopy[]): DropDecision {
  const ends = copies.flatMap(({ expires }) => (expires === undefined ? [] : [expires]));
  const proof = {
    key,
    expires: ends.length === 0 ? undefined : Math.min(...ends),
    copies: copies.map(({ uuid }) => uuid),
  };
  return { proof: proof as unknown as SafeDropProof, shortfall: undefined };
}

function fallsShort(
  kind: DropShortfall['kind'],
  needed: number,
  copies: readonly VerifiedCopy[],
): DropDecision {
  return { proof: undefined, shortfall: { kind, needed, verified: copies.map(({ uuid }) => uuid) } };
}
