import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ByteString } from '../../src/lib/bytes.js';
import { placementOrder, type SourceFacts, sourceOrder } from '../../src/planning/node-choice.js';

const source = (name: string, facts: Partial<SourceFacts> = {}) => ({
  name,
  expected: true,
  hops: 0,
  active: 0,
  bytesPerSecond: undefined,
  ...facts,
});
const first = (nodes: readonly ReturnType<typeof source>[], turn = 0) => sourceOrder(nodes, turn)[0]?.name;

describe('the node that a content is read from', () => {
  it('is one that should have it, near, idle and fast', () => {
    expect(first([source('a', { expected: false }), source('b', { hops: 2, active: 9 })])).toBe('b');
    expect(first([source('a', { hops: 1, bytesPerSecond: 1e9 }), source('b', { bytesPerSecond: 1 })])).toBe(
      'b',
    );
    expect(first([source('a', { active: 3 }), source('b')])).toBe('b');
    expect(first([source('a', { bytesPerSecond: 1e6 }), source('b', { bytesPerSecond: 1e8 })])).toBe('b');
    // A fast one is worth waiting in line for.
    expect(
      first([source('a', { bytesPerSecond: 1e6 }), source('b', { bytesPerSecond: 1e8, active: 3 })]),
    ).toBe('b');
    expect(
      first([source('a', { bytesPerSecond: 1e8 }), source('b', { bytesPerSecond: 1e8, active: 3 })]),
    ).toBe('a');
    // What was not measured is tried.
    const nodes = [source('a', { bytesPerSecond: 1e9 }), source('b', { bytesPerSecond: 1e6 }), source('c')];
    expect([0, 1, 2].map((turn) => first(nodes, turn))).toContain('c');
  });

  it('is another one each time, among equals', () => {
    const nodes = ['a', 'b', 'c'].map((name, i) => source(name, { bytesPerSecond: 1e8 + i * 1e6 }));
    expect([0, 1, 2, 3].map((turn) => first(nodes, turn))).toEqual(['a', 'b', 'c', 'a']);
    expect(sourceOrder([], 3)).toEqual([]);
  });

  it('is followed by all the others', () => {
    const facts = fc.record({
      expected: fc.boolean(),
      hops: fc.nat(3),
      active: fc.nat(20),
      bytesPerSecond: fc.option(fc.double({ min: 0, max: 1e12, noNaN: true }), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(facts, { maxLength: 8 }), fc.nat(), (nodes, turn) => {
        const order = sourceOrder(nodes, turn);
        expect(new Set(order)).toEqual(new Set(nodes));
        expect(order).toHaveLength(nodes.length);
        const expected = order.map((node) => node.expected);
        expect(expected).toEqual([...expected].sort((a, b) => Number(b) - Number(a)));
      }),
    );
  });
});

describe('the order in which nodes are offered a content', () => {
  const nodes = ['n1', 'n2', 'n3', 'n4'].map((name) => ({
    uuid: name as ByteString,
    hops: name === 'n4' ? 1 : 0,
  }));
  const order = (key: string, of = nodes) => placementOrder(of, key as ByteString).map(({ uuid }) => uuid);

  it('is the same each time, whatever order they are listed in', () => {
    fc.assert(
      fc.property(fc.string(), (key) => {
        expect(order(key, [...nodes].reverse())).toEqual(order(key));
        expect(order(key)[3]).toBe('n4');
      }),
    );
  });

  it('spreads contents evenly', () => {
    const counts = new Map<string, number>();
    for (let i = 0; i < 3000; i++) {
      const [name = ''] = order(`SHA256E-s100--${i}`);
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    for (const name of ['n1', 'n2', 'n3']) {
      expect(counts.get(name)).toBeGreaterThan(850);
      expect(counts.get(name)).toBeLessThan(1150);
    }
  });
});
