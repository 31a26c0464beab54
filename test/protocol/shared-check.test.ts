import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StreamCheck } from '../../src/protocol/served-content.js';
import { createSharedCheck } from '../../src/protocol/shared-check.js';

/** A check that counts what it is given. */
function counting(content: string): { readonly bytes: () => number; make(): StreamCheck } {
  const expected = createHash('sha256').update(content).digest('hex');
  let bytes = 0;
  return {
    bytes: () => bytes,
    make() {
      const hash = createHash('sha256');
      return {
        update(piece) {
          bytes += piece.length;
          hash.update(piece);
        },
        matches: () => hash.digest('hex') === expected,
      };
    },
  };
}

const bytesOf = (text: string) => Buffer.from(text);

describe('a check that several receptions share', () => {
  it('sees each byte once, however they overtake each other and the pieces are cut', () => {
    const pieces = fc.array(fc.tuple(fc.nat(2), fc.integer({ min: 0, max: 9 })), { maxLength: 60 });
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), pieces, fc.boolean(), (text, steps, damaged) => {
        const content = bytesOf(text);
        const { bytes, make } = counting(damaged ? `${text}!` : text);
        const share = createSharedCheck();
        const readers = [0, 1, 2].map(() => ({ check: share(make), at: 0 }));
        const take = (reader: { check: StreamCheck; at: number }, length: number) => {
          reader.check.update(content.subarray(reader.at, reader.at + length));
          reader.at = Math.min(content.length, reader.at + length);
        };
        for (const [who, length] of steps) take(readers[who] as (typeof readers)[0], length);
        for (const reader of readers) take(reader, content.length);
        expect(bytes()).toBe(content.length);
        for (const { check } of readers) expect(check.matches()).toBe(!damaged);
      }),
    );
  });

  it('is no match for one that saw less', () => {
    const { make } = counting('abc');
    const share = createSharedCheck();
    const [whole, part] = [share(make), share(make)];
    whole.update(bytesOf('abc'));
    part.update(bytesOf('ab'));
    expect(part.matches()).toBe(false);
    expect(whole.matches()).toBe(true);
  });
});
