import type { ByteString } from '../../lib/bytes.js';
import { isSecureBackend } from '../backends.js';
import { countedCopies } from '../copies.js';
import type { Key } from '../key.js';
import { keyBackend } from '../key.js';
import type { TrustLevel } from '../trust.js';
import type { Uuid } from '../uuid.js';
import { isClusterUuid } from '../uuid.js';
import type { Answer, Expression } from './expression.js';
import { evaluate } from './expression.js';
import type { CopiesOf } from './copies-terms.js';
import { withinLimit } from './group-limit.js';
import type { MetadataComparison, Term } from './terms.js';

/**
 * What is known of a file or key that an expression is held against. Whatever is left out makes the terms that need it
 * unknown, except where said otherwise.
 */
export interface MatchFacts {
  /** The name that globs are held against; without one neither `include` nor `exclude` matches. */
  readonly file?: ByteString | undefined;
  /** Bytes of content. Unknown sizes count as 0, as git-annex has it. */
  readonly size?: number | undefined;
  readonly key?: Key | undefined;
  /** `text/plain`; `unavailable`: the content is not here, which makes the term false. */
  readonly mimeType?: ByteString | 'unavailable' | undefined;
  readonly mimeEncoding?: ByteString | 'unavailable' | undefined;
  /**
   * Repositories recorded to have the content. For a decision about dropping: without the one it would be dropped from.
   */
  readonly locations?: readonly Uuid[] | undefined;
  readonly trust?: ((uuid: Uuid) => TrustLevel) | undefined;
  readonly groupMembers?: ((group: ByteString) => Iterable<Uuid>) | undefined;
  readonly numcopies?: number | undefined;
  /** numcopies without `.gitattributes`. */
  readonly approxNumcopies?: number | undefined;
  /** Whether the repository that the expression is about has the content (`present`). */
  readonly present?: boolean | undefined;
  /** Whether the location log says that this repository has it. */
  readonly expectedPresent?: boolean | undefined;
  /** The answer to `in=`, which needs the names of remotes. */
  readonly inRepository?: ((repository: ByteString, date: ByteString | undefined) => Answer) | undefined;
  /** Values by field name in lower case. */
  readonly metadata?: ((field: ByteString) => readonly ByteString[]) | undefined;
  readonly unused?: boolean | undefined;
  readonly locked?: boolean | undefined;
  readonly urls?: readonly ByteString[] | undefined;
  /** Names of other files with the same content. */
  readonly sameContent?: readonly ByteString[] | undefined;
  readonly inPreferredDirectory?: boolean | undefined;
  /** Seconds since the content was last read. */
  readonly accessedSecondsAgo?: number | undefined;
  /** The answers of the expressions that `standard` and `groupwanted` stand for. */
  readonly standard?: (() => Answer) | undefined;
  readonly groupWanted?: (() => Answer) | undefined;
  readonly balance?: ((term: Extract<Term, { readonly type: 'balance' }>) => Answer) | undefined;
  /** Whether preferred content wants to get or drop it, here or in the named repository. */
  readonly wants?:
    | ((what: 'want-get' | 'want-drop', repository: ByteString | undefined) => Answer)
    | undefined;
}

/** Whether the expression matches what is known. */
export function matches(expression: Expression, facts: MatchFacts): Answer {
  return evaluate(expression, (term) => decideTerm(term, facts));
}

/** The answer to one term. */
export function decideTerm(term: Term, facts: MatchFacts): Answer {
  switch (term.type) {
    case 'anything':
      return true;
    case 'nothing':
      return false;
    case 'unknown':
      return 'unknown';
    case 'include':
      return facts.file !== undefined && term.glob.matches(facts.file);
    case 'exclude':
      return facts.file !== undefined && !term.glob.matches(facts.file);
    case 'include-same-content':
      return facts.sameContent?.some((file) => term.glob.matches(file)) ?? 'unknown';
    case 'exclude-same-content':
      return facts.sameContent?.every((file) => !term.glob.matches(file)) ?? 'unknown';
    case 'larger-than':
      return (facts.size ?? 0) > term.bytes;
    case 'smaller-than':
      return (facts.size ?? 0) < term.bytes;
    case 'mime-type':
      return mime(facts.mimeType, term.glob.matches);
    case 'mime-encoding':
      return mime(facts.mimeEncoding, term.glob.matches);
    case 'url':
      return facts.urls?.some((url) => term.glob.matches(url)) ?? 'unknown';
    case 'present':
      return facts.present ?? 'unknown';
    case 'expected-present':
      return facts.expectedPresent ?? 'unknown';
    case 'unused':
      return facts.unused ?? 'unknown';
    case 'locked':
      return facts.locked ?? 'unknown';
    case 'unlocked':
      return facts.locked === undefined ? 'unknown' : !facts.locked;
    case 'secure-hash':
      return facts.key === undefined ? 'unknown' : isSecureBackend(keyBackend(facts.key));
    case 'in-backend':
      return facts.key === undefined ? 'unknown' : keyBackend(facts.key) === term.backend;
    case 'in-preferred-directory':
      return facts.inPreferredDirectory ?? 'unknown';
    case 'copies':
      return hasCopies(facts, term.of, term.count);
    case 'lacking-copies':
      return lacksCopies(facts, facts.numcopies, term);
    case 'approx-lacking-copies':
      return lacksCopies(facts, facts.approxNumcopies, term);
    case 'in':
      return facts.inRepository?.(term.repository, term.date) ?? 'unknown';
    case 'in-all-group':
      return inAllGroup(facts, term.group);
    case 'only-in-group':
      return onlyInGroup(facts, term.group);
    case 'metadata-glob':
      return facts.metadata?.(term.field).some((value) => term.glob.matches(value)) ?? 'unknown';
    case 'metadata-compare':
      return (
        facts.metadata?.(term.field).some((value) => compare(value, term.comparison, term.value)) ?? 'unknown'
      );
    case 'standard':
      return facts.standard?.() ?? 'unknown';
    case 'group-wanted':
      return facts.groupWanted?.() ?? 'unknown';
    case 'balance':
      return facts.balance?.(term) ?? 'unknown';
    case 'want-get':
    case 'want-drop':
      return facts.wants?.(term.type, term.repository) ?? 'unknown';
    case 'accessed-within':
      return facts.accessedSecondsAgo === undefined ? 'unknown' : facts.accessedSecondsAgo <= term.seconds;
  }
}

const trustOrder: readonly TrustLevel[] = ['dead', 'untrusted', 'semitrusted', 'trusted'];

function mime(fact: ByteString | 'unavailable' | undefined, test: (text: ByteString) => boolean): Answer {
  if (fact === undefined) return 'unknown';
  return fact !== 'unavailable' && test(fact as ByteString);
}

/** Locations that exist: each once, none dead, no clusters. Untrusted ones are among them. */
function living(locations: Iterable<Uuid>, trust: (uuid: Uuid) => TrustLevel): Uuid[] {
  return [...new Set(locations)].filter((uuid) => trust(uuid) !== 'dead' && !isClusterUuid(uuid));
}

function hasCopies(facts: MatchFacts, of: CopiesOf, count: number): Answer {
  const { locations, trust } = facts;
  if (locations === undefined || trust === undefined) return 'unknown';
  const copies = copiesOf(living(locations, trust), of, facts);
  return copies === undefined ? 'unknown' : copies.length >= count;
}

/** Those of some copies that count; undefined while that can't be told. */
function copiesOf(copies: readonly Uuid[], of: CopiesOf, facts: MatchFacts): readonly Uuid[] | undefined {
  const { trust, groupMembers } = facts;
  if (of.type === 'all') return copies;
  if (of.type === 'trust') {
    if (trust === undefined) return undefined;
    const least = trustOrder.indexOf(of.level);
    return copies.filter((uuid) =>
      of.orHigher ? trustOrder.indexOf(trust(uuid)) >= least : trust(uuid) === of.level,
    );
  }
  if (groupMembers === undefined) return undefined;
  if (of.type === 'limit') return withinLimit(of.limit, copies, groupMembers);
  const members = new Set(groupMembers(of.group));
  return copies.filter((uuid) => members.has(uuid));
}

function lacksCopies(
  facts: MatchFacts,
  numcopies: number | undefined,
  { count, of = { type: 'all' } }: { readonly count: number; readonly of?: CopiesOf | undefined },
): Answer {
  const { locations, trust } = facts;
  if (locations === undefined || trust === undefined || numcopies === undefined) return 'unknown';
  const copies = copiesOf(countedCopies(locations, trust), of, facts);
  return copies === undefined ? 'unknown' : numcopies - copies.length >= count;
}

/** True for a group without members; what a dead member has is gone, so a group with one is never complete. */
function inAllGroup(facts: MatchFacts, group: ByteString): Answer {
  const { locations, trust, groupMembers } = facts;
  if (locations === undefined || trust === undefined || groupMembers === undefined) return 'unknown';
  const present = new Set(living(locations, trust));
  return [...groupMembers(group)].every((uuid) => present.has(uuid));
}

function onlyInGroup(facts: MatchFacts, group: ByteString): Answer {
  const { locations, trust, groupMembers } = facts;
  if (locations === undefined || trust === undefined || groupMembers === undefined) return 'unknown';
  const copies = living(locations, trust);
  const members = new Set(groupMembers(group));
  return copies.length > 0 && copies.every((uuid) => members.has(uuid));
}

/** By number when both are numbers, else byte by byte. */
function compare(value: ByteString, comparison: MetadataComparison, other: ByteString): boolean {
  const [a, b] = isNumber(value) && isNumber(other) ? [Number(value), Number(other)] : [value, other];
  if (comparison === '<') return a < b;
  if (comparison === '<=') return a <= b;
  return comparison === '>' ? a > b : a >= b;
}

function isNumber(text: string): boolean {
  return /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text);
}
