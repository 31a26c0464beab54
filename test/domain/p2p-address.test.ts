import fc from 'fast-check';
import { expect, it } from 'vitest';
import { p2pProgram, parseP2pUrl, tokenFileNames } from '../../src/domain/p2p-address.js';
import type { ByteString } from '../../src/lib/bytes.js';

const parse = (url: string) => parseP2pUrl(url as ByteString);

it('reads network and address, with either separator of the pages', () => {
  expect(parse('p2p-annex::iroh:abc+def:1')).toEqual({ net: 'iroh', address: 'abc+def:1' });
  expect(parse('p2p-annex::iroh+abc:def')).toEqual({ net: 'iroh', address: 'abc:def' });
  expect(parse('p2p-annex::unix-sockets:/tmp/x y')).toEqual({ net: 'unix-sockets', address: '/tmp/x y' });
});

it.each([
  'p2p-annex::',
  'p2p-annex::net',
  'p2p-annex::net:',
  'p2p-annex:::address',
  'p2p-annex::../../bin/sh:x',
  'p2p-annex::-net:x',
  'p2p-annex::a b:x',
  'p2p-annex::net:--upload-pack=x',
  'p2p-annex::net:a\nb',
  'p2p-annex::net:a\0b',
  `p2p-annex::net:${'x'.repeat(5000)}`,
  'tor-annex::net:x',
  'ssh://p2p-annex::net:x',
])('refuses %j', (url) => {
  expect(parse(url)).toBeUndefined();
});

const bytes = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((n) => String.fromCharCode(n)) });

it('whatever it is given, the program is one word, the address no option, and no file is outside of its folder', () => {
  fc.assert(
    fc.property(bytes, bytes, (net, address) => {
      const parsed = parse(`p2p-annex::${net}:${address}`);
      if (parsed === undefined) return;
      expect(p2pProgram(parsed)).toMatch(/^git-annex-p2p-[\w.+-]+$/);
      expect(parsed.address).not.toMatch(/^-/);
      for (const name of tokenFileNames(parsed)) {
        expect(name).not.toContain('/');
        expect(['', '.', '..', 'p2pauth']).not.toContain(name);
      }
    }),
  );
});

it('different addresses have different files', () => {
  const first = (address: string) =>
    tokenFileNames({ net: 'n' as ByteString, address: address as ByteString })[0];
  const text = fc.string({ unit: fc.constantFrom('/', '%', '&', 's', 'a'), minLength: 1 });
  fc.assert(
    fc.property(text, text, (one, other) => {
      fc.pre(one !== other);
      expect(first(one)).not.toBe(first(other));
    }),
  );
});
