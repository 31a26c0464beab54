import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { locationLogPath } from '../../../src/domain/hash-directories.js';
import type { Key } from '../../../src/domain/key.js';
import {
  locationState,
  parseLocationLog,
  presentLocations,
  setLocation,
} from '../../../src/domain/logs/location-log.js';
import type { Uuid } from '../../../src/domain/uuid.js';
import type { VectorClock } from '../../../src/domain/vector-clock.js';
import type { ByteString } from '../../../src/lib/bytes.js';
import { ascii } from '../../../src/lib/bytes.js';
import type { Judge } from '../judge.js';
import { createJudge } from '../judge.js';

const uuids = [
  'aaaaaaaa-1111-1111-1111-111111111111',
  'bbbbbbbb-1111-1111-1111-111111111111',
  'cccc',
] as Uuid[];

const clocks = fc.oneof(
  fc.constantFrom(
    '1s',
    '2s',
    '2.50s',
    '2.5',
    '-3s',
    '+4s',
    '002s',
    '99999999999.123456789012345s',
    `${'9'.repeat(300)}s`,
  ),
  fc.constantFrom('2.s', '.5s', '1e3s', 'x', '', '2ss', '--1s'),
  fc.integer({ min: 0, max: 9 }).map((n) => `${n}s`),
);
const line = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(
        clocks,
        fc.constantFrom('1', '0', 'X', '1', '0', '2', '', '11'),
        fc.constantFrom(...uuids, 'a b', '', 'x\0y', '\xe9', ' z'),
      )
      .map((parts) => parts.join(' ')),
  },
  { weight: 1, arbitrary: fc.constantFrom('', 'garbage', '2s 1', '2s  1 dddd', '2s\t1\tdddd', ' 2s 1 dddd') },
);
const ending = fc.oneof(
  { weight: 9, arbitrary: fc.constant('\n') },
  { weight: 1, arbitrary: fc.constantFrom('\r\n', '\r') },
);
const content = fc
  .array(fc.tuple(line, ending), { maxLength: 8 })
  .map((lines) => `${lines.map((pair) => pair.join('')).join('')}\n`);

let judge: Judge;
beforeAll(() => {
  judge = createJudge();
});
afterAll(() => judge.dispose());

test('recording a location gives the bytes that git-annex writes', () => {
  const cases = fc
    .sample(fc.tuple(content, fc.constantFrom(...uuids), fc.constantFrom('0', '1')), {
      numRuns: 300,
      seed: 7,
    })
    .map(([before, uuid, state], i) => ({
      key: `SHA1--${i}` as Key,
      before,
      uuid,
      state: state as '0' | '1',
    }));
  for (const { key, before } of cases) judge.journal(locationLogPath(key), before);
  judge.annex(['setpresentkey', '--batch'], {
    input: cases.map(({ key, uuid, state }) => `${key} ${uuid} ${state}\n`).join(''),
    env: { GIT_ANNEX_VECTOR_CLOCK: '5.5' },
  });
  for (const { key, before, uuid, state } of cases) {
    const after = setLocation(ascii(before), uuid, state, '5.5' as VectorClock);
    expect([before, uuid, state, after]).toEqual([before, uuid, state, judge.read(locationLogPath(key))]);
  }
});

test('a last line without a newline counts', () => {
  const key = 'SHA1--unterminated' as Key;
  const log = ascii(`1s 1 ${uuids[0]}\n2s 1 ${uuids[1]}`);
  judge.replaceBranch(new Map([[locationLogPath(key), log]]));
  const { whereis } = JSON.parse(judge.annex(['whereis', '--key', key, '--json'])) as {
    whereis: { uuid: Uuid }[];
  };
  expect(presentLocations(log)).toEqual(whereis.map(({ uuid }) => uuid));
  expect(presentLocations(log)).toHaveLength(2);
});

test('newest wins, the first of equally old; clusters and bad uuids are left out', () => {
  const log = [
    '1s 1 aaaa',
    '2.1s 0 aaaa',
    '2.09s 1 aaaa',
    '3s 1 bbbb',
    '3s 0 bbbb',
    '3s X cccc',
    '1s 1 ac000000-0000-8000-8000-000000000000',
    '1s 1 two words',
    '1s 1 ',
    '1s 1 d\0d',
    '4s 1 eeee',
  ].join('\n') as ByteString;
  expect(parseLocationLog(log)).toEqual([
    { uuid: 'aaaa', state: '0', clock: '2.1' },
    { uuid: 'bbbb', state: '1', clock: '3' },
    { uuid: 'cccc', state: 'X', clock: '3' },
    { uuid: 'eeee', state: '1', clock: '4' },
  ]);
  expect(presentLocations(log)).toEqual(['bbbb', 'eeee']);
  expect(locationState(log, 'cccc' as Uuid)).toBe('X');
  expect(locationState(log, 'ffff' as Uuid)).toBeUndefined();
});

test('recording what is recorded changes nothing', () => {
  const log = ascii('2s 1 aaaa\n1s 0 aaaa\ngarbage\n');
  expect(setLocation(log, 'aaaa' as Uuid, '1', '9' as VectorClock)).toBe(log);
});
