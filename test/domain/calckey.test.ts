import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isSecureBackend, keyDigest, parseBackend } from '../../src/domain/backends.js';
import { defaultExtensionLimits, keyExtension } from '../../src/domain/extension.js';
import { keyName } from '../../src/domain/key-name.js';
import type { ByteString } from '../../src/lib/bytes.js';
import { ascii } from '../../src/lib/bytes.js';
import type { Judge } from './judge.js';
import { createJudge } from './judge.js';

let judge: Judge;
beforeAll(() => {
  judge = createJudge();
});
afterAll(() => judge.dispose());

const utf8 = (text: string): ByteString => Buffer.from(text).toString('latin1') as ByteString;
const given = [
  ...'a.txt a.TXT a.tar.gz a.b.tar.gz sub.desc.long.nii.gz a.html a.abcde a. .txt .tar.gz a..gz a.tar..gz a.gz.'.split(
    ' ',
  ),
  ...'a.t_t a.~ a.1 a.gz~ a.tar.123 a.b.c.d.e a.longer.gz a.gz.longer a ..a ...a a...b a.x&y a.b.. a.gz. x.y.z. a.b.lo-ger.c a.b.l-g.c a.b.-.c a.b.c.d,'.split(
    ' ',
  ),
  ...[
    'a.\xe9',
    'a.\xe9\xe9',
    'a.\xe9\xe9\xe9',
    'a.\u65e5',
    'a.\u65e5\u672c',
    'a.\u20ac',
    'a b.c d.txt',
    'a.t t',
  ].map(utf8),
  'a.\xff',
  'a.\xffx.gz',
  'd.ir/a',
] as ByteString[];
const random = fc.sample(
  fc.array(fc.constantFrom('.', '.', 'a', 'b', 'Z', '9', '-', ' ', '\xc3\xa9', '\xff', ','), {
    minLength: 1,
    maxLength: 12,
  }),
  { numRuns: 250, seed: 4 },
);
const names = [
  ...new Set(
    [...given, ...random.map((chars) => chars.join('') as ByteString)].filter(
      (name) => !/^\.{1,2}$/.test(name),
    ),
  ),
].map((name) => `f/${name}` as ByteString);

/** Makes the files, empty, all with the same time, and asks for their keys. */
function calculated(files: readonly ByteString[], backend: string): string[] {
  for (const file of files) {
    const path = Buffer.from(join(judge.dir, file), 'latin1');
    mkdirSync(path.subarray(0, path.lastIndexOf('/')), { recursive: true });
    writeFileSync(path, '');
    utimesSync(path, 5, 5);
  }
  return judge
    .annex(['calckey', '--batch', '-z', '--backend', backend], {
      input: files.map((file) => `${file}\0`).join(''),
    })
    .split('\n')
    .slice(0, -1);
}

test('extensions of keys', () => {
  const keys = calculated(names, 'MD5E');
  expect(names.map((name) => [name, keyExtension(name)])).toEqual(
    names.map((name, i) => [name, (keys[i] as string).replace(/^MD5E-s0--[0-9a-f]{32}/, '')]),
  );
});

test('extensions of keys with other limits', () => {
  const file = ascii('f/a.b.c.longer.gz');
  const key = (name: string, value: string): string => {
    judge.git(['config', name, value]);
    const [calculatedKey] = calculated([file], 'MD5E');
    judge.git(['config', '--unset', name]);
    return (calculatedKey as string).slice('MD5E-s0--'.length + 32);
  };
  for (const length of [6, 5, 2, 1, 0, -1]) {
    expect(keyExtension(file, { ...defaultExtensionLimits, length })).toBe(
      key('annex.maxextensionlength', String(length)),
    );
  }
  for (const count of [3, 2, 1, 0, -1]) {
    expect(keyExtension(file, { ...defaultExtensionLimits, count })).toBe(
      key('annex.maxextensions', String(count)),
    );
  }
});

test('names of WORM keys', () => {
  const files = [
    ...names,
    ...[...'%&:\\"\',;*?<>|=$#@!~^`()[]{}+_-'].map((char) => `w/a${char}b`),
    ...[60, 61, 62, 63, 64, 65, 66, 200].map((length) => `w/${'x'.repeat(length)}`),
    ...[15, 31, 32, 100].map((length) => `w/${'\xc3\xa9'.repeat(length)}`),
    `w/${'a b'.repeat(22)}`,
    'w/\xe2\x82\xac\xf0\x9f\x98\x80 \xe2\x82 \xed\xa0\x80 \xc0\x80 \xf8',
    'w/a\tb\x01\x7f',
    `w/${utf8('\x85\u2028\u00a0\ufeff')}`,
  ].filter((name) => !name.endsWith('/b')) as ByteString[];
  const keys = calculated(files, 'WORM');
  expect(files.map((file) => [file, `WORM-s0-m5--${keyName(file)}`])).toEqual(
    files.map((file, i) => [file, keys[i]]),
  );
});

test('every backend that git-annex has is known', () => {
  const listed = /^key\/value backends: (.*)$/m.exec(judge.annex(['version']))?.[1]?.split(' ') ?? [];
  expect(listed.length).toBeGreaterThan(40);
  for (const name of listed) {
    expect([name, parseBackend(ascii(name.replace('*', 'FOO'))).type]).not.toContain('unknown');
  }
});

test('digests have the size that the name of the backend tells', () => {
  for (const name of [
    'SHA1',
    'SHA224',
    'SHA512E',
    'SHA3_384',
    'SKEIN256',
    'BLAKE2B160',
    'BLAKE2BP512',
    'BLAKE2SP224',
    'MD5E',
  ]) {
    const backend = parseBackend(ascii(name));
    const [key] = calculated([ascii('f/a.txt')], name);
    const digest = keyDigest((key as string).replace(/^.*?--/, '') as ByteString);
    expect(backend).toMatchObject({ type: 'hash', bits: digest.length * 4, extension: name.endsWith('E') });
  }
});

test('other backends', () => {
  expect(parseBackend(ascii('XFOOE'))).toEqual({ type: 'external', name: 'XFOOE', extension: true });
  for (const name of ['sha256', 'SHA256EE', 'WORME', 'Xfoo', 'constructor', '', 'E']) {
    expect(parseBackend(ascii(name)).type).toBe('unknown');
  }
  expect(['SHA256E', 'SHA3_224', 'BLAKE2SP256E'].every((name) => isSecureBackend(ascii(name)))).toBe(true);
  expect(['SHA1', 'MD5E', 'WORM', 'URL', 'XFOO', 'FOO'].some((name) => isSecureBackend(ascii(name)))).toBe(
    false,
  );
});
