import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Key } from '../../src/domain/key.js';
import { isClusterUuid, type Uuid } from '../../src/domain/uuid.js';
import { proveDrop } from '../../src/planning/prove-drop.js';

const key = 'SHA1--x' as Key;
const target = 'here' as Uuid;
const cluster = 'ac97ace9-8472-879f-9b8d-579686a2822d' as Uuid;
const locked = (...uuids: string[]) => uuids.map((uuid) => ({ uuid: uuid as Uuid, expires: undefined }));
const facts = { key, target, locked: [], trusted: [], numcopies: 1, mincopies: 1 };

// The rows are what `git annex drop` did with as many reachable copies and these options.
describe.each([
  { copies: 1, numcopies: 3, mincopies: 2, kind: 'numcopies', needed: 3 },
  { copies: 1, numcopies: 2, mincopies: 2, kind: 'numcopies', needed: 2 },
  { copies: 1, numcopies: 2, mincopies: 3, kind: 'numcopies', needed: 2 },
  { copies: 1, numcopies: 1, mincopies: 3, kind: 'mincopies', needed: 3 },
  { copies: 1, numcopies: 1, mincopies: 0, kind: undefined, needed: 0 },
  { copies: 1, numcopies: 0, mincopies: 1, kind: undefined, needed: 0 },
  { copies: 2, numcopies: 2, mincopies: 3, kind: 'mincopies', needed: 3 },
  { copies: 2, numcopies: 4, mincopies: 3, kind: 'numcopies', needed: 4 },
  { copies: 0, numcopies: 0, mincopies: 0, kind: 'numcopies', needed: 1 },
])(
  '$copies copies, numcopies $numcopies, mincopies $mincopies',
  ({ copies, numcopies, mincopies, kind, needed }) => {
    test.each([
      ['locked', { ...facts, locked: locked('a', 'b').slice(0, copies) }],
      ['trusted', { ...facts, trusted: (['a', 'b'] as Uuid[]).slice(0, copies) }],
    ])('%s', (_, base) => {
      const { proof, shortfall } = proveDrop({ ...base, numcopies, mincopies });
      expect(proof === undefined).toBe(kind !== undefined);
      if (kind !== undefined) expect(shortfall).toMatchObject({ kind, needed });
      expect(shortfall?.verified.length ?? copies).toBe(copies);
    });
  },
);

test('nodes of a cluster are no copies when it loses the content', () => {
  const from = { ...facts, target: cluster };
  const copies = { locked: locked('a'), trusted: ['b'] as Uuid[], seen: locked('c') };
  const lost = new Set(['a', 'b', 'c'] as Uuid[]);
  expect(proveDrop({ ...from, ...copies, lost }).proof).toBeUndefined();
  expect(proveDrop({ ...from, ...copies, locked: locked('d'), lost }).proof?.copies).toEqual(['d']);
});

test('the target, clusters and repeated repositories are no copies', () => {
  const { shortfall } = proveDrop({
    ...facts,
    locked: [...locked('here', 'a', 'a'), { uuid: cluster, expires: undefined }],
    trusted: ['a', cluster, target] as Uuid[],
    seen: locked('a', 'here'),
    numcopies: 2,
  });
  expect(shortfall).toEqual({ kind: 'numcopies', needed: 2, verified: ['a'] });
});

test('copies that were only seen count for numcopies, not for mincopies', () => {
  const seen = [{ uuid: 'b' as Uuid, expires: 50 }];
  expect(proveDrop({ ...facts, seen }).shortfall).toEqual({ kind: 'mincopies', needed: 1, verified: [] });
  expect(proveDrop({ ...facts, seen, locked: locked('a'), numcopies: 2 }).proof).toMatchObject({
    expires: 50,
  });
});

test('one copy that was only seen is enough while the target is held and mincopies is 1', () => {
  const seen = [{ uuid: 'b' as Uuid, expires: 50 }];
  const held = { ...facts, seen, held: true };
  expect(proveDrop(held).proof).toMatchObject({ expires: 50, copies: ['b'] });
  expect(proveDrop({ ...held, seen: [] }).shortfall).toMatchObject({ kind: 'numcopies' });
  expect(proveDrop({ ...held, numcopies: 2 }).shortfall).toMatchObject({
    kind: 'numcopies',
    verified: ['b'],
  });
  const both = { ...held, seen: [...seen, { uuid: 'c' as Uuid, expires: 60 }], mincopies: 2 };
  expect(proveDrop(both).shortfall).toEqual({ kind: 'mincopies', needed: 2, verified: [] });
});

test('the proof lasts as long as the copies it needs', () => {
  const many = [
    { uuid: 'a' as Uuid, expires: 10 },
    { uuid: 'b' as Uuid, expires: 30 },
    { uuid: 'c' as Uuid, expires: 20 },
  ];
  expect(proveDrop({ ...facts, locked: many }).proof).toMatchObject({ expires: 30, copies: ['b'] });
  expect(proveDrop({ ...facts, locked: many, numcopies: 2 }).proof).toMatchObject({ expires: 20 });
  expect(proveDrop({ ...facts, locked: many, trusted: ['z' as Uuid] }).proof).toMatchObject({
    expires: undefined,
  });
});

test('force needs nothing', () => {
  expect(proveDrop({ ...facts, numcopies: 9, force: true }).proof).toMatchObject({ key, copies: [] });
});

test('no proof without enough distinct copies, whatever the facts', () => {
  const uuid = fc.constantFrom('here', 'a', 'b', 'c', 'd', cluster) as fc.Arbitrary<Uuid>;
  const copy = fc.record({ uuid, expires: fc.option(fc.nat(), { nil: undefined }) });
  fc.assert(
    fc.property(
      fc.record({
        key: fc.constant(key),
        target: fc.constant(target),
        locked: fc.array(copy),
        trusted: fc.array(uuid),
        seen: fc.array(copy),
        numcopies: fc.integer({ min: -1, max: 5 }),
        mincopies: fc.integer({ min: -1, max: 5 }),
      }),
      (given) => {
        const distinct = (uuids: readonly Uuid[]) =>
          new Set(uuids.filter((one) => one !== target && !isClusterUuid(one)));
        const strong = distinct([...given.trusted, ...given.locked.map((one) => one.uuid)]);
        const all = distinct([...strong, ...given.seen.map((one) => one.uuid)]);
        const safe = strong.size >= Math.max(1, given.mincopies) && all.size >= Math.max(1, given.numcopies);
        const { proof } = proveDrop(given);
        expect(proof !== undefined).toBe(safe);
        if (proof === undefined) return;
        expect(distinct(proof.copies).size).toBe(proof.copies.length);
        expect(proof.copies.length).toBe(Math.max(1, given.numcopies, given.mincopies));
        expect(proof.copies.filter((one) => strong.has(one)).length).toBeGreaterThanOrEqual(
          Math.max(1, given.mincopies),
        );
      },
    ),
  );
});
