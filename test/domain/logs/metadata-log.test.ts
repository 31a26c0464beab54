import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keyLogPath } from '../../../src/domain/hash-directories.js';
import type { Key } from '../../../src/domain/key.js';
import { changeMetadata, parseMetadata } from '../../../src/domain/logs/metadata-log.js';
import { changeRemoteMetadata, parseRemoteMetadata } from '../../../src/domain/logs/remote-metadata-log.js';
import type { Uuid } from '../../../src/domain/uuid.js';
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

const word = fc.constantFrom(
  'f',
  'g',
  'F',
  'tag',
  '+1',
  '-1',
  '+2',
  '-2',
  '+',
  '-',
  '+!YSBi',
  '-!YSBi',
  '+!YQ',
  '+!!!',
  '',
  'x',
  '+a\0',
  '+\xff',
  '+a!b',
);
const line = fc
  .tuple(fc.constantFrom('1s', '1s', '2s', '3.50s', '8s', 'bad', '-1s'), fc.array(word, { maxLength: 6 }))
  .map(([clock, words]) => [clock, 'f', ...words].join(' '));
const content = fc
  .tuple(fc.array(line, { maxLength: 6 }), fc.constantFrom('', '', 'garbage\n', '2s\n', '2s c\n', '\n'))
  .map(([lines, end]) => `${lines.map((text) => `${text}\n`).join('')}${end}` as ByteString);

test('a change gives the bytes that git-annex writes, and the values it shows', () => {
  const cases = fc
    .sample(content, { numRuns: 400, seed: 11 })
    .map((before, i) => ({ before, key: `SHA1--${i}` as Key, value: String(i % 3) }));
  for (const { key, before } of cases) judge.journal(keyLogPath(key, 'metadata'), before);
  const answers = judge
    .annex(['metadata', '--batch', '--json'], {
      input: cases.map(({ key, value }) => `${JSON.stringify({ key, fields: { y: [value] } })}\n`).join(''),
      env: { GIT_ANNEX_VECTOR_CLOCK: '4' },
    })
    .trim()
    .split('\n');
  for (const [i, { key, before, value }] of cases.entries()) {
    const after = changeMetadata(
      before,
      new Map([[ascii('y'), new Map([[ascii(value), true]])]]),
      '4' as VectorClock,
    );
    expect([before, after]).toEqual([before, judge.read(keyLogPath(key, 'metadata'))]);
    const { fields } = JSON.parse(answers[i] as string) as { fields: { [name: string]: string[] } };
    expect([...parseMetadata(after).fields.keys()].length).toBe(
      Object.keys(fields).filter((name) => !name.endsWith('lastchanged')).length,
    );
    for (const [name, values] of parseMetadata(after).fields) {
      if (values.every((text) => /^[ -~]*$/.test(text)))
        expect([before, fields[name]]).toEqual([before, values]);
    }
  }
});

test('values and when they changed', () => {
  const metadata = parseMetadata(
    ascii('1s tag +foo +bar author +joey\n2s tag -bar +baz Author -joey +!YSBi\n'),
  );
  expect([...metadata.fields]).toEqual([
    ['Author', ['a b']],
    ['tag', ['baz', 'foo']],
  ]);
  expect(metadata.changed.get(ascii('tag'))).toBe('2');
});

test('no change: the same content', () => {
  const before = ascii('1s f +1\n1s f +1\n');
  expect(changeMetadata(before, new Map(), '4' as VectorClock)).toBe(before);
});

test('metadata of remotes', () => {
  const uuid = 'e605' as Uuid;
  const log = changeRemoteMetadata(
    ascii('1s 2633:x +1\n'),
    uuid,
    new Map([[ascii('x'), new Map([[ascii('2'), true]])]]),
    '5' as VectorClock,
  );
  expect(log).toBe('1s 2633:x +1\n5s e605:x +2\n');
  expect([...parseRemoteMetadata(log, uuid)]).toEqual([['x', ['2']]]);
});
