import { expect, it } from 'vitest';
import { parseProxies } from '../../src/domain/logs/proxy-log.js';
import type { Uuid } from '../../src/domain/uuid.js';
import type { ByteString } from '../../src/lib/bytes.js';
import { reachedBefore } from '../../src/planning/relayed-nodes.js';

const before = (here: string, passedBy: readonly string[], ...log: readonly string[]) => [
  ...reachedBefore(
    here as Uuid,
    new Set(passedBy),
    parseProxies(log.map((line) => `1s ${line}\n`).join('') as ByteString),
  ),
];

it('a gateway on the way reaches what it lists, but for what it lists by way of this one', () => {
  const mesh = [
    'AMS a1:a1 n1:nyc-n1 n1:syd-nyc-n1 s1:nyc-syd-s1 s1:syd-s1',
    'NYC a1:ams-a1 n1:n1 s1:ams-syd-s1 s1:syd-s1',
    'SYD a1:ams-a1 n1:ams-nyc-n1 n1:nyc-n1 s1:s1',
  ];
  expect(before('SYD', ['AMS'], ...mesh)).toEqual(['a1', 'n1']);
  expect(before('NYC', ['AMS'], ...mesh)).toEqual(['a1', 's1']);
  expect(before('SYD', [], ...mesh)).toEqual([]);
  const row = ['AMS a1:a1 n1:nyc-n1 s1:nyc-syd-s1', 'NYC n1:n1 s1:syd-s1', 'SYD s1:s1'];
  expect(before('NYC', ['AMS'], ...row)).toEqual([]);
  expect(before('SYD', ['AMS', 'NYC'], ...row)).toEqual([]);
});
