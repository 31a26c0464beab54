import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  chunkParent,
  formatKey,
  keyBackend,
  keyFileName,
  keyParts,
  keySize,
  parseKey,
  parseKeyFileName,
} from '../../src/domain/key.js';
import { ascii } from '../../src/lib/bytes.js';
import { hashDirLower, hashDirMixed } from '../../src/domain/hash-directories.js';
import { anyKey } from './arbitraries.js';
import type { Judge } from './judge.js';
import { createJudge } from './judge.js';

const hash = 'a'.repeat(64);
const keys = [
  'SHA256E-s3--abc.txt',
  'SHA256-s03--x',
  'SHA256-s0--y',
  'SHA256-m03--y',
  'SHA256-S010-C02--y',
  'SHA256-C2--y',
  'SHA256-s1-C2--y',
  'SHA256-s1-m2-S3-C4--y',
  'A--',
  'A-s1---',
  'A---x',
  'A-s99999999999999999999999--x',
  'WORM-s3-m5--a/b:c%d&e',
  'URL--http://x/y?z',
  '../..--x',
  'SHA256--../../etc',
  'A%:&a--x',
  `SHA256E-s3--${hash}.${'x'.repeat(63)}`,
  `SHA256E-s3--${hash}${'x'.repeat(90)}`,
  `SHA256-s3--${hash}.${'x'.repeat(90)}`,
  'A--a\rb',
  'X--\xff\xfe',
];
const notKeys = [
  '',
  '--x',
  '-s1--x',
  'A',
  'A-',
  'A-s1',
  'A-s1-',
  'A-x--y',
  'A-s--y',
  'A-s-3--y',
  'A-s+1--x',
  'A-s0x10--x',
  'A-m1.5--x',
  'A-s1-s2--x',
  'A-m1-s2--x',
  'A-C2-S3--x',
  'A-S3-C2-m1--x',
  `SHA256E-s3--${hash}.${'x'.repeat(64)}`,
  `MD5E--a.b.${'x'.repeat(62)}`,
];

describe('compared with git-annex', () => {
  let judge: Judge;
  beforeAll(() => {
    judge = createJudge();
  });
  afterAll(() => judge.dispose());

  test('keys, their parts, directories and file names', () => {
    const format = '${key}\\n${hashdirlower}\\n${hashdirmixed}\\n${objectpointer}';
    const records = judge
      .annex(['examinekey', '--batch', `--format=${format}`], { input: `${keys.join('\n')}\n` })
      .split('\n');
    for (const [i, text] of keys.entries()) {
      const key = parseKey(ascii(text));
      if (key === undefined) throw new Error(`refused ${text}`);
      expect([
        key,
        `${hashDirLower(key)}/`,
        `${hashDirMixed(key)}/`,
        `/annex/objects/${keyFileName(key)}`,
      ]).toEqual(records.slice(i * 4, i * 4 + 4));
    }
  });

  test.each(notKeys)('not a key: %j', (text) => {
    expect(parseKey(ascii(text))).toBeUndefined();
    expect(
      judge.annex(['examinekey', '--batch', '--format=${key}'], { input: `${text}\n`, allowFailure: true }),
    ).toBe('');
  });
});

test('a key cannot hold a newline or NUL', () => {
  expect(parseKey('A--a\nb')).toBeUndefined();
  expect(parseKey('A--a\0b')).toBeUndefined();
  expect(parseKey('A\n--a')).toBeUndefined();
  expect(parseKey('A--a\n')).toBeUndefined();
});

test('formatKey refuses parts that make no key', () => {
  const name = ascii('x');
  expect(() => formatKey({ backend: ascii('A-B'), name })).toThrow(/do not make a key/);
  expect(() => formatKey({ backend: ascii('A'), size: -1, name })).toThrow(/bad number/);
  expect(() => formatKey({ backend: ascii('A'), mtime: 1.5, name })).toThrow(/bad number/);
  expect(() => formatKey({ backend: ascii('A'), name: ascii('a\nb') })).toThrow(/do not make a key/);
});

test('what formatKey makes, parseKey and keyParts read', () => {
  fc.assert(
    fc.property(anyKey, (key) => {
      expect(parseKey(key)).toBe(key);
      const parts = keyParts(key);
      expect(formatKey(parts)).toBe(key);
      expect(keySize(key)).toBe(parts.size);
      expect(keyBackend(key)).toBe(parts.backend);
    }),
  );
});

test('file names are one path component and lead back to the key', () => {
  fc.assert(
    fc.property(anyKey, (key) => {
      const name = keyFileName(key);
      expect(name).not.toMatch(/[/\0\n]/);
      expect(name).not.toMatch(/^\.{0,2}$/);
      expect(parseKeyFileName(name)).toBe(key);
    }),
  );
});

test('any bytes are read as a key or not, never thrown on', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const key = parseKey(text);
      if (key !== undefined) expect(parseKey(key)).toBe(key);
      parseKeyFileName(text);
    }),
  );
});

test('file names with a slash, or with unknown escapes', () => {
  expect(parseKeyFileName('A--b/c')).toBeUndefined();
  expect(parseKeyFileName('A--a&sb%c&cd&qe&a&')).toBe('A--a%b/c:dqe&');
});

test('the key that a chunk belongs to', () => {
  expect(
    chunkParent(
      formatKey({ backend: ascii('A'), size: 9, chunkSize: 5, chunkNumber: 2, name: ascii('n-S1-C2') }),
    ),
  ).toBe('A-s9--n-S1-C2');
  expect(chunkParent(formatKey({ backend: ascii('A'), name: ascii('n-S1-C2') }))).toBe('A--n-S1-C2');
});
