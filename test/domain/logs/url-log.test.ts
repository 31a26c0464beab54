import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keyLogPath } from '../../../src/domain/hash-directories.js';
import type { Key } from '../../../src/domain/key.js';
import { addEquivalentKey, parseEquivalentKeys } from '../../../src/domain/logs/equivalent-keys-log.js';
import { addUrl, parseUrlLog, removeUrl } from '../../../src/domain/logs/url-log.js';
import type { VectorClock } from '../../../src/domain/vector-clock.js';
import type { ByteString } from '../../../src/lib/bytes.js';
import { ascii } from '../../../src/lib/bytes.js';
import type { Judge } from '../judge.js';
import { createJudge } from '../judge.js';

let judge: Judge;
beforeAll(() => {
  judge = createJudge();
});
afterAll(() => judge.dispose());

const urls = ['http://a/', 'http://b/c%20d', 'yt:http://c/'] as ByteString[];
const line = fc
  .tuple(
    fc.constantFrom('1s', '2s', '2.5s', '9s', 'x'),
    fc.constantFrom('1', '0', 'X', '?'),
    fc.constantFrom(...urls, 'other one'),
  )
  .map((parts) => parts.join(' '));
const content = fc
  .array(line, { maxLength: 5 })
  .map((lines) => lines.map((text) => `${text}\n`).join('') as ByteString);

test.each([
  ['registerurl', addUrl],
  ['unregisterurl', removeUrl],
] as const)('%s gives the bytes that git-annex writes', (command, change) => {
  const cases = fc
    .sample(fc.tuple(content, fc.constantFrom(...urls.slice(0, 2))), { numRuns: 200, seed: 5 })
    .map(([before, url], i) => ({ before, url, key: `SHA1--${i}` as Key }));
  for (const { key, before } of cases) judge.journal(keyLogPath(key, 'web'), before);
  judge.annex([command, '--batch'], {
    input: cases.map(({ key, url }) => `${key} ${url}\n`).join(''),
    env: { GIT_ANNEX_VECTOR_CLOCK: '4' },
  });
  for (const { before, url, key } of cases) {
    const after = change(before, url, '4' as VectorClock);
    expect([before, url, after]).toEqual([before, url, judge.read(keyLogPath(key, 'web'))]);
  }
});

test('urls that are registered', () => {
  expect(
    parseUrlLog(ascii('1s 1 http://b\n1s 1 http://a b\n1s 0 http://c\n2s 0 http://d\n1s 1 http://d\n')),
  ).toEqual(['http://a b', 'http://b']);
});

test('a log without a newline at its end gets one before the next line', () => {
  expect(addUrl(ascii('1s 1 http://b'), ascii('http://a'), '4' as VectorClock)).toBe(
    '1s 1 http://b\n4s 1 http://a\n',
  );
});

test('equivalent keys', () => {
  const log = addEquivalentKey(ascii('1s 1 nokey\n1s 0 A--b\n'), 'A--c' as Key, '4' as VectorClock);
  expect(parseEquivalentKeys(log)).toEqual(['A--c']);
});
