import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ascii, type ByteString } from '../../../src/lib/bytes.js';
import { anythingFailed } from '../../../src/operations/background-sync/anything-failed.js';
import { type Failure, openFailureStore } from '../../../src/operations/background-sync/failure-store.js';

let annexDir: ByteString;
beforeEach(() => {
  annexDir = ascii(mkdtempSync(join(tmpdir(), 'annex-ts-')));
});
afterEach(() => rmSync(annexDir, { recursive: true, force: true }));

const failure = (subject: string): Failure => ({
  subject: subject as ByteString,
  pending: { pull: true, push: false, content: true },
  backOff: { failures: 3, failedAt: 5, delay: 7 },
  reason: 'nicht erreichbar: „gone“',
});

it('remembers each subject until it is forgotten, whatever its name', () => {
  const store = openFailureStore(annexDir, 'remotes');
  expect([store.all(), anythingFailed(annexDir)]).toEqual([[], false]);
  const names = ['../../etc/passwd', 'a/b', 'r\xff', 'x'.repeat(3000)];
  for (const name of names) store.put(failure(name));
  expect(store.all().map(({ subject }) => subject)).toEqual([...names].sort());
  expect(store.get('r\xff' as ByteString)).toEqual(failure('r\xff'));
  expect(openFailureStore(annexDir, 'transfers').all()).toEqual([]);
  expect(anythingFailed(annexDir)).toBe(true);
  store.put({ ...failure('a/b'), backOff: undefined });
  expect(store.get(ascii('a/b'))?.backOff).toBeUndefined();
  for (const name of names) store.forget(name as ByteString);
  expect(readdirSync(join(annexDir, 'annex-ts/failed-remotes'))).toEqual([]);
  expect(anythingFailed(annexDir)).toBe(false);
});

it.each([
  '',
  '{',
  'null',
  '[1]',
  '{"version":2}',
  '{"version":1,"subject":"other","pending":{},"reason":""}',
  '{"version":1,"subject":"s","pending":null,"reason":""}',
  '{"version":1,"subject":5,"pending":{},"reason":""}',
  `{"version":1,"subject":"s","pending":{},"reason":"${'x'.repeat(70_000)}"}`,
])('does not believe %.60s', (text) => {
  const store = openFailureStore(annexDir, 'remotes');
  store.put(failure('s'));
  const folder = join(annexDir, 'annex-ts/failed-remotes');
  const [name = ''] = readdirSync(folder);
  writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, 'x.tmp'), text);
  expect([store.get(ascii('s')), store.all()]).toEqual([undefined, []]);
});

it('takes a back-off that makes no sense for none', () => {
  const store = openFailureStore(annexDir, 'remotes');
  store.put({ ...failure('s'), backOff: { failures: 1, failedAt: Number.NaN, delay: -1 } });
  expect(store.get(ascii('s'))?.backOff).toBeUndefined();
});
