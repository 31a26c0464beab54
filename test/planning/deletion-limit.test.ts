import { describe, expect, it } from 'vitest';
import {
  exceedsLimit,
  limitText,
  looksEmptied,
  parseDeletionLimit,
} from '../../src/planning/deletion-limit.js';

describe('a limit of deletions', () => {
  it.each([
    ['0', { count: 0 }],
    ['12', { count: 12 }],
    ['5%', { percent: 5 }],
    [' 100% ', { percent: 100 }],
    ['500%', { percent: 100 }],
    ['', undefined],
    ['%', undefined],
    ['-1', undefined],
    ['1.5%', undefined],
    ['1e9', undefined],
  ])('is read from %j', (text, limit) => expect(parseDeletionLimit(text)).toEqual(limit));

  it('lets through so much and no more', () => {
    expect(exceedsLimit(2, 10, { count: 2 })).toBe(false);
    expect(exceedsLimit(3, 10, { count: 2 })).toBe(true);
    expect(exceedsLimit(5, 10, { percent: 50 })).toBe(false);
    expect(exceedsLimit(6, 10, { percent: 50 })).toBe(true);
    expect(exceedsLimit(1, 10, { percent: 0 })).toBe(true);
    expect([limitText({ count: 2 }), limitText({ percent: 2 })]).toEqual(['2', '2%']);
  });
});

describe('an emptied work tree', () => {
  it.each([
    [0, 0, false],
    [1, 1, false],
    [2, 2, true],
    [3, 4, false],
    [9, 10, false],
    [19, 20, true],
    [18, 20, false],
  ])('%i of %i missing: %s', (missing, tracked, answer) => {
    expect(looksEmptied(missing, tracked)).toBe(answer);
  });
});
