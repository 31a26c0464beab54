import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Uuid } from '../../../src/domain/uuid.js';
import { ascii, type ByteString } from '../../../src/lib/bytes.js';
import { readContentRecord, writeContentRecord } from '../../../src/operations/sync/content-record.js';

let folder: ByteString;
beforeEach(() => {
  folder = ascii(mkdtempSync(join(tmpdir(), 'annex-ts-')));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const record = {
  branch: ascii('a'.repeat(40)),
  tree: ascii('b'.repeat(40)),
  choices: '{"all":false}',
  pending: [],
};

it('reads what was written, for each remote its own', () => {
  const [one, other] = ['../../../etc' as Uuid, 'other' as Uuid];
  writeContentRecord(folder, one, record);
  expect(readContentRecord(folder, one)).toMatchObject(record);
  expect(readContentRecord(folder, other)).toBeUndefined();
  writeContentRecord(folder, one, { ...record, choices: 'x' });
  expect(readContentRecord(folder, one)?.choices).toBe('x');
  expect(readdirSync(join(folder, 'annex-ts/content-sync'))).toHaveLength(1);
});

it.each([
  '',
  '{',
  '[]',
  'null',
  '{"version":1}',
  '{"version":2,"branch":"a","tree":"b","choices":""}',
  `{"version":2,"branch":"--help","tree":"${'b'.repeat(40)}","choices":"","pending":[]}`,
  `{"version":2,"branch":"${'a'.repeat(40)}","tree":"${'b'.repeat(40)}","choices":"","pending":[1]}`,
])('does not believe %j', (text) => {
  writeContentRecord(folder, 'u' as Uuid, record);
  const [name = ''] = readdirSync(join(folder, 'annex-ts/content-sync'));
  writeFileSync(join(folder, 'annex-ts/content-sync', name), text);
  expect(readContentRecord(folder, 'u' as Uuid)).toBeUndefined();
});

it('does without where nothing can be written', () => {
  writeFileSync(join(folder, 'annex-ts'), 'a file');
  expect(() => writeContentRecord(folder, 'u' as Uuid, record)).not.toThrow();
  expect(readContentRecord(folder, 'u' as Uuid)).toBeUndefined();
});
