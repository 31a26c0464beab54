import { describe, expect, test } from 'vitest';
import type { Key } from '../../../src/domain/key.js';
import { isImprovable } from '../../../src/operations/fsck/improvable-key.js';

const DIGEST = '827fe2568c0e618a4baac42643d95864fa9280a5f69e6cc4ca12e7bbaff416c5';
const utf8 = (text: string) => Buffer.from(text).toString('latin1') as Key;

/** As git-annex fsck said of these keys. */
const IMPROVABLE = [
  `SHA256E-s10--${DIGEST}.a_b`,
  `SHA256E-s10--${DIGEST}.a-b`,
  `SHA256E-s10--${DIGEST}.a,b`,
  `SHA256E-s10--${DIGEST}.a+`,
  `SHA256E-s10--${DIGEST}.a~`,
  `SHA256E-s10--${DIGEST}.a/b`,
  `SHA256-s10--${DIGEST}.a-b`,
  'SHA256E-s10--\\ab',
  'SHA256-s10--\\ab',
  'MD5E-s10--abc.x y',
  'WORM-s2-m1--w x',
];
const FINE = [
  `SHA256E-s10--${DIGEST}`,
  `SHA256E-s10--${DIGEST}.é`,
  `SHA256E-s10--${DIGEST}.A`,
  `SHA256E-s10--${DIGEST}..a`,
  `SHA256E-s10--${DIGEST}.toolongextension`,
  `SHA256E-s10--${DIGEST}.Foo.bar`,
  `SHA256-s10--${DIGEST}-b`,
  `SHA256E-s10--${DIGEST}ü`,
  `SHA256E--${DIGEST}.a`,
  'SHA1-s10--abc def',
  'WORM-s2-m1--\\wx',
  'WORM-s2-m1--d/w',
  'URL--http://x y/',
  'XFOO-s3--a.b-c',
];

describe('keys that migration improves', () => {
  test.each(IMPROVABLE)('%s', (key) => expect(isImprovable(utf8(key))).toBe(true));
  test.each(FINE)('not %s', (key) => expect(isImprovable(utf8(key))).toBe(false));
});
