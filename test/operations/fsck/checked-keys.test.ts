import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Key } from '../../../src/domain/key.js';
import { type ByteString, fromText } from '../../../src/lib/bytes.js';
import {
  type CheckedKeys,
  forgetCheckedKeys,
  openCheckedKeys,
} from '../../../src/operations/fsck/checked-keys.js';
import { loadSqlite } from '../../../src/repository/sqlite/sqlite.js';

let folder: string;
let place: ByteString;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'annex-ts-'));
  place = fromText(folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const key = (name: string | number) => `WORM-s1-m1--${name}` as Key;

function open(): CheckedKeys {
  const keys = openCheckedKeys(place);
  if (keys === undefined) throw new Error('no SQLite here');
  return keys;
}

describe('checked keys', () => {
  test('are remembered from run to run, whatever bytes they are made of', () => {
    const odd = key('a\xff\x01 \xe9"');
    const first = open();
    first.add(odd);
    first.add(odd);
    first.close();
    const second = open();
    expect([second.has(odd), second.has(key('other'))]).toEqual([true, false]);
    second.close();
  });

  test('count from a checkpoint on, which is made after 1000 keys', () => {
    const writer = open();
    const reader = open();
    for (let i = 0; i < 1500; i++) writer.add(key(i));
    expect([reader.has(key(999)), reader.has(key(1000)), writer.has(key(1000))]).toEqual([
      true,
      false,
      false,
    ]);
    writer.close();
    expect(reader.has(key(1499))).toBe(true);
    reader.close();
  });

  test('are blobs in the table that git-annex makes', () => {
    const keys = open();
    keys.add(key('k'));
    keys.close();
    const database = loadSqlite()?.(join(folder, 'fsckdb/db'));
    const rows = (sql: string) => database?.prepare(sql).all();
    expect(rows("SELECT sql FROM sqlite_master WHERE type = 'table'")).toEqual([
      {
        sql: 'CREATE TABLE "fscked"("id" INTEGER PRIMARY KEY,"key" BLOB NOT NULL,CONSTRAINT "fscked_key_index" UNIQUE ("key"))',
      },
    ]);
    expect(rows('SELECT typeof(key) AS type, hex(key) AS hex FROM fscked')).toEqual([
      { type: 'blob', hex: Buffer.from(key('k')).toString('hex').toUpperCase() },
    ]);
    expect(rows('PRAGMA journal_mode')).toEqual([{ journal_mode: 'wal' }]);
    database?.close();
  });

  test('are forgotten when a pass starts, and when the database is damaged', () => {
    const fill = () => {
      const keys = open();
      keys.add(key('k'));
      keys.close();
    };
    fill();
    forgetCheckedKeys(place);
    const empty = open();
    expect(empty.has(key('k'))).toBe(false);
    empty.close();
    fill();
    writeFileSync(join(folder, 'fsckdb/db'), 'rubbish'.repeat(1000));
    const anew = open();
    expect(anew.has(key('k'))).toBe(false);
    anew.add(key('k'));
    anew.close();
    const again = open();
    expect(again.has(key('k'))).toBe(true);
    again.close();
  });
});
