import { expect, test } from 'vitest';
import type { TrustLevel } from '../../src/domain/trust.js';
import type { Uuid } from '../../src/domain/uuid.js';
import { remotesToGetFrom, takingTurns } from '../../src/planning/choose-remotes.js';

const remote = (uuid: string, cost: number, trust: TrustLevel = 'semitrusted') => ({
  uuid: uuid as Uuid,
  cost,
  trust,
});
const names = (remotes: { uuid: Uuid }[]): string => remotes.map(({ uuid }) => uuid).join(' ');

test('cheapest first among those that have it, dead ones never', () => {
  const remotes = [
    remote('net', 200),
    remote('gone', 50, 'dead'),
    remote('a', 100),
    remote('b', 100, 'untrusted'),
    remote('c', 10),
  ];
  expect(names(remotesToGetFrom(remotes, ['net', 'gone', 'a', 'b'] as Uuid[]))).toBe('a b net');
  expect(remotesToGetFrom(remotes, [])).toEqual([]);
});

test('equally cheap remotes take turns', () => {
  const remotes = [remote('x', 300), remote('a', 100), remote('b', 100), remote('c', 100)];
  expect([0, 1, 2, 3].map((turn) => names(takingTurns(remotes, turn)))).toEqual([
    'a b c x',
    'b c a x',
    'c a b x',
    'a b c x',
  ]);
});
