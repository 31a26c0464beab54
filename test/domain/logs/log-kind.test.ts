import { expect, test } from 'vitest';
import { keyLogPath, keyLogSuffixes } from '../../../src/domain/hash-directories.js';
import type { KeyLogKind } from '../../../src/domain/hash-directories.js';
import type { Key } from '../../../src/domain/key.js';
import { locationLogKey, logKind } from '../../../src/domain/logs/log-kind.js';
import { ascii } from '../../../src/lib/bytes.js';

test.each(['A--b', 'SHA256E-s1--hash.log', 'SHA256E-s1--hash.log.web', 'URL--http://x/.log'])(
  'logs of %s',
  (name) => {
    const key = name as Key;
    for (const kind of Object.keys(keyLogSuffixes) as KeyLogKind[]) {
      const path = keyLogPath(key, kind);
      expect(logKind(path)).toEqual({ type: 'key', kind, key });
      expect(locationLogKey(path)).toBe(kind === 'location' ? key : undefined);
    }
  },
);

test('other files', () => {
  expect(logKind(ascii('uuid.log'))).toEqual({ type: 'top', name: 'uuid' });
  expect(logKind(ascii('group-preferred-content.log'))).toEqual({
    type: 'top',
    name: 'group-preferred-content',
  });
  expect(logKind(ascii('migrate.tree/old'))).toEqual({ type: 'migration' });
  for (const path of [
    'foo',
    'foo.log',
    'A--b.log',
    'a/b/c',
    'a/b/nokey.log',
    'a/b/A--b.log.xyz',
    'a.log/A--b',
    '',
  ]) {
    expect(logKind(ascii(path))).toEqual({ type: 'other' });
  }
});
