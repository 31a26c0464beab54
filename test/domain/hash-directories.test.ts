import { expect, test } from 'vitest';
import { keyLogPath, locationLogPath, objectPath } from '../../src/domain/hash-directories.js';
import type { Key } from '../../src/domain/key.js';
import { parseKey } from '../../src/domain/key.js';

const empty = parseKey('SHA256E-s0--e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855') as Key;
const url = parseKey('URL--http://x/y?z') as Key;

test('paths of logs', () => {
  expect(locationLogPath(url)).toBe('109/f03/URL--http&c%%x%y?z.log');
  expect(keyLogPath(url, 'location')).toBe(locationLogPath(url));
  expect(keyLogPath(url, 'web')).toBe('109/f03/URL--http&c%%x%y?z.log.web');
  expect(keyLogPath(url, 'remoteMetadata')).toBe('109/f03/URL--http&c%%x%y?z.log.rmet');
});

test('paths of objects', () => {
  expect(objectPath(empty, 'mixed')).toBe(`pX/ZJ/${empty}/${empty}`);
  expect(objectPath(url, 'lower')).toBe('109/f03/URL--http&c%%x%y?z/URL--http&c%%x%y?z');
});
