import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { parseTerm } from '../../src/domain/matching/terms.js';
import type { Uuid } from '../../src/domain/uuid.js';
import type { ByteString } from '../../src/lib/bytes.js';
import {
  type BalanceFacts,
  type BalanceState,
  type BalanceTerm,
  balancedAmong,
  wantsBalanced,
} from '../../src/planning/balance.js';

const uuids = Array.from({ length: 5 }, (_, i) => {
  const number = 0x11111111000040008000000000000000n + BigInt(i) * 0x1234567812345678n;
  const hex = number.toString(16);
  return [8, 12, 16, 20, 32]
    .map((end, at, ends) => hex.slice(ends[at - 1] ?? 0, end))
    .join('-') as string as Uuid;
});
const [a, b, c, d] = uuids as [Uuid, Uuid, Uuid, Uuid, Uuid];
const group = uuids.slice(0, 3);

const term = (text: string) => parseTerm(text as ByteString, 'preferred-content') as BalanceTerm;
const state = (
  sizes: Partial<Record<string, readonly [number, number?]>> = {},
  rebalance = false,
): BalanceState => ({
  groupMembers: (name) => (name === 'g' ? group : name === 'all' ? uuids : []),
  trust: () => 'semitrusted',
  used: (uuid) => sizes[uuid]?.[0] ?? 0,
  maxsize: (uuid) => sizes[uuid]?.[1],
  rebalance,
  fullPercent: 90,
  digest: (secret, message) => createHmac('sha256', secret).update(message).digest(),
});
/** The keys and picks are recorded from git-annex. */
const KEY = 'SHA256E-s1--01ba4719c80b6fe911b091a7c05124b64eeece964e09c058ef8f9805daca546b' as ByteString;
const content = (locations: readonly Uuid[] = [], size = 10): BalanceFacts => ({
  key: KEY,
  size,
  locations,
  numcopies: 2,
});
const picked = (text: string, facts = content(), of = state()) =>
  [...balancedAmong(term(text), facts, of)].sort();

describe('by the hash', () => {
  test('picks what git-annex picks, and goes on round the group', () => {
    expect(picked('fullybalanced=g')).toEqual([c]);
    expect(picked('fullybalanced=g:2')).toEqual([a, c]);
    expect(picked('fullybalanced=g:9')).toEqual([a, b, c]);
    expect(picked('fullybalanced=g:0')).toEqual([]);
    expect(picked('fullybalanced=nobody')).toEqual([]);
  });

  test('among those with room; a limit of 0 leaves none', () => {
    expect(picked('fullybalanced=g', content(), state({ [c]: [95, 100], [b]: [0, 0] }))).toEqual([a]);
    expect(picked('fullybalanced=g', content(), state({ [c]: [90, 100] }))).toEqual([c]);
    expect(picked('fullybalanced=g', content([c]), state({ [c]: [100, 100] }))).toEqual([c]);
  });

  test('--rebalance looks at sizes where too few are not nearly full', () => {
    const sizes = { [a]: [92, 110], [b]: [100, 110], [c]: [105, 115] } as const;
    expect(picked('fullybalanced=g:2', content(), state(sizes))).toEqual([a, c]);
    expect(picked('fullybalanced=g:2', content([], 1), state({ ...sizes, [a]: [109, 110] }, true))).toEqual([
      b,
      c,
    ]);
  });
});

describe('by size', () => {
  test('those that are emptiest in proportion, without the content itself', () => {
    const sizes = { [a]: [60, 100], [b]: [25, 50], [c]: [10, 11] } as const;
    expect(picked('fullysizebalanced=g', content(), state(sizes))).toEqual([b]);
    expect(picked('fullysizebalanced=g:2', content(), state(sizes))).toEqual([a, b]);
    expect(picked('fullysizebalanced=g', content([a], 20), state(sizes))).toEqual([a]);
  });

  test('not those without a known size; of equal ones the last', () => {
    expect(picked('sizebalanced=g')).toEqual([]);
    const equal = { [a]: [10, 100], [b]: [10, 100] } as const;
    expect(picked('sizebalanced=g', content(), state(equal))).toEqual([b]);
  });
});

describe('balanced', () => {
  const wants = (text: string, uuid: Uuid, locations: readonly Uuid[], rebalance = false): boolean => {
    const facts = content(locations);
    const of = state({}, rebalance);
    const own = { uuid, present: locations.includes(uuid) };
    return wantsBalanced(term(text), own, facts, of, () => balancedAmong(term(text), facts, of));
  };

  test('keeps what is there, and wants no more copies than asked for', () => {
    expect(wants('balanced=g', c, [])).toBe(true);
    expect(wants('balanced=g', a, [])).toBe(false);
    expect(wants('balanced=g', a, [a])).toBe(true);
    expect(wants('balanced=g', c, [a])).toBe(false);
    expect(wants('balanced=g:2', c, [a])).toBe(true);
    expect(wants('balanced=g', c, [d])).toBe(true);
  });

  test('--rebalance, and fullybalanced, move what lies elsewhere', () => {
    expect([wants('balanced=g', a, [a], true), wants('balanced=g', c, [a], true)]).toEqual([false, true]);
    expect([wants('fullybalanced=g', a, [a]), wants('fullybalanced=g', c, [a])]).toEqual([false, true]);
  });

  test('lackingcopies asks for as many as are missing', () => {
    expect(wants('balanced=g:lackingcopies', a, [])).toBe(true);
    expect(wants('balanced=g:lackingcopies', a, [d])).toBe(false);
    expect(wants('balanced=g:lackingcopies', c, [d])).toBe(true);
    expect(wants('balanced=g:lackingcopies', c, [d, a])).toBe(false);
    expect(wants('balanced=g:lackingcopies=g', a, [d])).toBe(true);
  });
});
