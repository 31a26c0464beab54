import { expect, test } from 'vitest';
import { countedCopies, parseCopies, resolveCopies } from '../../src/domain/copies.js';
import type { TrustLevel } from '../../src/domain/trust.js';
import type { Uuid } from '../../src/domain/uuid.js';

test('the strongest source counts, never below 1', () => {
  expect(resolveCopies({})).toBe(1);
  expect(resolveCopies({ config: 2 })).toBe(2);
  expect(resolveCopies({ log: 3, config: 2 })).toBe(3);
  expect(resolveCopies({ attribute: 4, log: 3, config: 2 })).toBe(4);
  expect(resolveCopies({ option: 5, attribute: 4, log: 3 })).toBe(5);
  expect(resolveCopies({ option: 0, log: 3 })).toBe(1);
  expect(resolveCopies({ log: -3 })).toBe(1);
});

test('numbers', () => {
  expect(parseCopies('2')).toBe(2);
  for (const text of ['', '-1', '1.5', 'x', '1 ']) expect(parseCopies(text)).toBeUndefined();
});

test('untrusted and dead repositories and clusters do not count', () => {
  const levels: { [uuid: string]: TrustLevel } = {
    t: 'trusted',
    s: 'semitrusted',
    u: 'untrusted',
    d: 'dead',
  };
  const present = ['t', 's', 's', 'u', 'd', 'ac97ace9-8472-879f-9b8d-579686a2822d'] as Uuid[];
  expect(countedCopies(present, (uuid) => levels[uuid] ?? 'trusted')).toEqual(['t', 's']);
});
