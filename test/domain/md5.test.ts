import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { md5Hex } from '../../src/domain/md5.js';
import type { ByteString } from '../../src/lib/bytes.js';
import { bytesWithout } from './arbitraries.js';

const reference = (bytes: ByteString): string =>
  createHash('md5').update(Buffer.from(bytes, 'latin1')).digest('hex');

test('is MD5 for every length around block borders', () => {
  for (let length = 0; length < 200; length++) {
    const bytes = '\xe9'.repeat(length) as ByteString;
    expect(md5Hex(bytes)).toBe(reference(bytes));
  }
});

test('is MD5 for any bytes', () => {
  fc.assert(
    fc.property(bytesWithout('', { maxLength: 300 }), (bytes) => {
      expect(md5Hex(bytes)).toBe(reference(bytes));
    }),
  );
});
