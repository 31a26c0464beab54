import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Key, parseKey } from '../../../src/domain/key.js';
import { ascii } from '../../../src/lib/bytes.js';
import { openArrivals, takeLeftArrivals } from '../../../src/repository/objects/arrivals.js';

let folder: string;
const key = (name: string) => parseKey(ascii(`WORM-s1--${name}`)) as Key;
const left = () => takeLeftArrivals(ascii(folder)).flatMap(({ keys }) => keys);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'arrivals-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('what is noted and not settled is left to the next one when its process is gone', () => {
  const arrivals = openArrivals(ascii(folder));
  arrivals.note(key('a'));
  arrivals.note(key('b'));
  expect(left()).toEqual([]);
  arrivals.settle([key('a')]);
  arrivals.close();
  const [found] = takeLeftArrivals(ascii(folder));
  expect(found?.keys).toEqual([key('a'), key('b')]);
  found?.forget();
  expect(readdirSync(folder)).toEqual([]);
});

test('what is settled leaves nothing', () => {
  const arrivals = openArrivals(ascii(folder));
  arrivals.note(key('a'));
  arrivals.settle([key('a')]);
  expect(readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual(['']);
  arrivals.close();
  expect(readdirSync(folder)).toEqual([]);
});

test('a line that was cut off or is no key is passed over', () => {
  writeFileSync(join(folder, '1-0'), `${key('a')}\n../../x\nWOR`);
  expect(left()).toEqual([key('a')]);
});
