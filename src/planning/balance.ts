import { countedCopies } from '../domain/copies.js';
import type { CopiesTerm } from '../domain/matching/copies-terms.js';
import { withinLimit } from '../domain/matching/group-limit.js';
import { compareBytes } from '../domain/logs/lines.js';
import type { TrustLevel } from '../domain/trust.js';
import type { Uuid } from '../domain/uuid.js';
import type { ByteString } from '../lib/bytes.js';

export type BalanceTerm = Extract<CopiesTerm, { readonly type: 'balance' }>;

/** What a `balanced=` term and its like ask about one content. */
export interface BalanceFacts {
  readonly key: ByteString;
  /** Bytes; 0 where unknown. */
  readonly size: number;
  /** Repositories that have it. */
  readonly locations: readonly Uuid[];
  readonly numcopies: number;
}

/** What is known of repositories, the same for every content. */
export interface BalanceState {
  readonly groupMembers: (group: ByteString) => Iterable<Uuid>;
  readonly trust: (uuid: Uuid) => TrustLevel;
  /** Bytes of content in a repository. */
  readonly used: (uuid: Uuid) => number;
  /** Bytes that a repository may hold; undefined: any number. */
  readonly maxsize: (uuid: Uuid) => number | undefined;
  /** Move content as needed to be balanced (`--rebalance`). */
  readonly rebalance: boolean;
  /** The percentage from which on a repository is full (`annex.fullybalancedthreshhold`). */
  readonly fullPercent: number;
  /** HMAC-SHA256. */
  readonly digest: (secret: ByteString, message: ByteString) => Uint8Array;
}

/** The group that a term picks from, with the start of what is hashed. */
interface Candidate {
  readonly uuid: Uuid;
  /** Bytes used without the content that is asked about. */
  readonly others: number;
  readonly maxsize: number | undefined;
  readonly present: boolean;
}

/**
 * The repositories of the group that want a content by `fullybalanced` or `fullysizebalanced`, and by `balanced` and
 * `sizebalanced` while too few have it (git-annex: design/balanced_preferred_content). The group's uuids, ascending and
 * joined, are the secret of an HMAC of the key; that number counts round the repositories with room for it.
 */
export function balancedAmong(term: BalanceTerm, facts: BalanceFacts, state: BalanceState): Set<Uuid> {
  const members = [...new Set(state.groupMembers(term.group))].sort(compareBytes);
  const count = countOf(term, facts, state);
  const bySize = term.kind === 'sizebalanced' || term.kind === 'fullysizebalanced';
  const present = new Set(facts.locations);
  const candidates = members
    .map((uuid): Candidate => {
      const used = state.used(uuid);
      const has = present.has(uuid);
      const others = has ? Math.max(0, used - facts.size) : used;
      return { uuid, others, maxsize: state.maxsize(uuid), present: has };
    })
    .filter(({ others, maxsize }) => (maxsize === undefined ? !bySize : others + facts.size <= maxsize));
  if (candidates.length === 0 || count < 1) return new Set();
  if (bySize || (state.rebalance && count > 1 && tooFull(candidates, count, facts, state))) {
    const limited = candidates.filter(({ maxsize }) => maxsize !== undefined);
    return new Set(emptiestFirst(limited).slice(0, count));
  }
  const digest = state.digest(members.join('') as ByteString, facts.key);
  const start = digest.reduce((rest, byte) => (rest * 256 + byte) % candidates.length, 0);
  const picked = new Set<Uuid>();
  for (let i = 0; i < Math.min(count, candidates.length); i++) {
    picked.add((candidates[(start + i) % candidates.length] as Candidate).uuid);
  }
  return picked;
}

/** Whether a repository wants a content by such a term. */
export function wantsBalanced(
  term: BalanceTerm,
  own: { readonly uuid: Uuid; readonly present: boolean },
  facts: BalanceFacts,
  state: BalanceState,
  picked: () => ReadonlySet<Uuid>,
): boolean {
  const full = state.rebalance || term.kind === 'fullybalanced' || term.kind === 'fullysizebalanced';
  if (full) return picked().has(own.uuid);
  if (own.present) return true;
  const members = new Set(state.groupMembers(term.group));
  const copies = facts.locations.filter((uuid) => members.has(uuid) && state.trust(uuid) !== 'dead');
  const enough = term.count !== 'lacking-copies' && copies.length >= term.count;
  return !enough && picked().has(own.uuid);
}

function countOf({ count, limit }: BalanceTerm, facts: BalanceFacts, state: BalanceState): number {
  if (count !== 'lacking-copies') return count;
  const copies = countedCopies(facts.locations, state.trust);
  const counting = limit === undefined ? copies : withinLimit(limit, copies, state.groupMembers);
  return facts.numcopies - counting.length;
}

/** Whether fewer repositories than asked for have much room left. */
function tooFull(
  candidates: readonly Candidate[],
  count: number,
  { size }: BalanceFacts,
  { fullPercent }: BalanceState,
): boolean {
  const roomy = candidates.filter(({ others, maxsize, present }) => {
    const used = present ? others + size : others;
    return maxsize === undefined || used * 100 <= fullPercent * maxsize;
  });
  return roomy.length < count;
}

/** By the part of the maximum that is used; of those that are alike the last uuid first, as git-annex has it. */
function emptiestFirst(candidates: readonly Candidate[]): Uuid[] {
  const part = ({ others, maxsize }: Candidate) => (maxsize === undefined ? 0 : others / maxsize);
  return candidates
    .toReversed()
    .sort((a, b) => part(a) - part(b))
    .map(({ uuid }) => uuid);
}
