import { resolve } from 'node:path/posix';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Key } from '../../../src/domain/key.js';
import type { ByteString } from '../../../src/lib/bytes.js';
import { migrated } from '../../../src/operations/keys-info/examine-key.js';
import { keyFields } from '../../../src/operations/keys-info/key-fields.js';
import { relativePath } from '../../../src/operations/keys-info/relative-path.js';

test('a key tells its fields in alphabetical order', () => {
  const fields = keyFields('WORM-s1500-m12--a b' as Key);
  expect(fields).toMatchObject({
    backend: 'WORM',
    bytesize: '1500',
    humansize: '1.5 kB',
    keyname: 'a b',
    mtime: '12',
  });
  expect(Object.keys(fields)).toEqual(Object.keys(fields).toSorted());
  expect(keyFields('URL--x' as Key)).toMatchObject({
    bytesize: 'unknown',
    humansize: 'unknown',
    mtime: 'unknown',
  });
  expect(keyFields('SHA256-s12345678901234567890--x' as Key).bytesize).toBe('12345678901234567890');
});

describe('keys that need no hashing to change their backend', () => {
  test.each([
    ['SHA256-s3--abc', 'SHA256E', 'a.tar.gz', 'SHA256E-s3--abc.tar.gz'],
    ['SHA256E-s3--abc.txt', 'SHA256', undefined, 'SHA256-s3--abc'],
    ['SHA256E-s3--abc.txt', 'SHA256E', 'x.foo', undefined],
    ['SHA256E-s3--abc.txt', 'SHA1', 'x.foo', undefined],
    ['SHA256-s3--abc', 'SHA256E', undefined, undefined],
    ['SHA256-s3-S5-C1--abc', 'SHA256E', 'x.y', 'SHA256E-s3-S5-C1--abc.y'],
    ['WORM-s3--abc', 'SHA256', 'x', undefined],
    ['URL--abc', 'VURL', 'x', undefined],
  ])('%s to %s', (key, backend, file, result) => {
    expect(migrated(key as Key, backend as ByteString, file as ByteString | undefined)).toBe(result);
  });
});

test('a relative path leads back to the path', () => {
  const part = fc.stringMatching(/^[a-c.]{1,2}$/).filter((name) => name !== '.' && name !== '..');
  const path = fc.array(part, { maxLength: 5 }).map((parts) => `/${parts.join('/')}`);
  fc.assert(
    fc.property(path, path, (folder, target) => {
      const relative = relativePath(folder as ByteString, target as ByteString);
      expect(relative.startsWith('/')).toBe(false);
      expect(resolve(folder, relative)).toBe(target);
    }),
  );
});
