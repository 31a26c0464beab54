import fc from 'fast-check';
import type { ByteString } from '../../src/lib/bytes.js';
import type { Key } from '../../src/domain/key.js';
import { formatKey } from '../../src/domain/key.js';

/** Byte strings without the given characters (a character class of a regular expression). */
export function bytesWithout(
  characters: string,
  constraints: fc.ArrayConstraints = {},
): fc.Arbitrary<ByteString> {
  const refused = new RegExp(`[${characters}]`);
  return fc
    .array(
      fc
        .oneof(
          { weight: 4, arbitrary: fc.integer({ min: 32, max: 126 }) },
          { weight: 1, arbitrary: fc.integer({ min: 0, max: 255 }) },
        )
        .filter((code) => !refused.test(String.fromCharCode(code))),
      constraints,
    )
    .map((codes) => String.fromCharCode(...codes) as ByteString);
}

const optionalNumber = fc.option(fc.maxSafeNat(), { nil: undefined });

/** Any key, hostile names included. */
export const anyKey: fc.Arbitrary<Key> = fc
  .record({
    backend: fc.oneof(
      fc.constantFrom('SHA256E', 'SHA256', 'WORM', 'URL', 'XFOO'),
      bytesWithout('\\0\\n-', { minLength: 1 }),
    ),
    size: optionalNumber,
    mtime: optionalNumber,
    chunkSize: optionalNumber,
    chunkNumber: optionalNumber,
    name: bytesWithout('\\0\\n', { maxLength: 60 }),
  })
  .map(({ backend, size, mtime, chunkSize, chunkNumber, name }) =>
    formatKey({
      backend: backend as ByteString,
      ...(size === undefined ? {} : { size }),
      ...(mtime === undefined ? {} : { mtime }),
      ...(chunkSize === undefined ? {} : { chunkSize }),
      ...(chunkNumber === undefined ? {} : { chunkNumber }),
      name,
    }),
  );
