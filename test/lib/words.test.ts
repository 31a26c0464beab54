import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseSize } from '../../src/domain/data-units.js';
import { integerCodec } from '../../src/domain/logs/codec.js';
import { tokenize } from '../../src/domain/matching/expression.js';
import { type ByteString, fromText } from '../../src/lib/bytes.js';
import { hasSpace, splitWords, trimEnd, trimStart } from '../../src/lib/words.js';
import { parseSize as parseSettingSize } from '../../src/repository/settings/values.js';

test('letters whose UTF-8 has a byte that is white space to JavaScript stay whole', () => {
  const letters = fromText('à\u0085Å');
  expect(splitWords(fromText(` à \t\u0085Å\r\n`))).toEqual([fromText('à'), fromText('\u0085Å')]);
  expect([trimStart(letters), trimEnd(letters), hasSpace(letters)]).toEqual([letters, letters, false]);
  expect(trimEnd(fromText('à \n'))).toBe(fromText('à'));
  expect(tokenize(fromText('include=à and(include=*à)'))).toEqual(
    ['include=à', 'and', '(', 'include=*à', ')'].map(fromText),
  );
});

test('numbers and sizes are not found behind bytes that are white space to JavaScript only', () => {
  const ascii = fc.stringMatching(/^[ \t-\r]{0,3}$/);
  const other = fc.constantFrom('\xa0', '\x85', '\xa0 ', ' \xa0');
  fc.assert(
    fc.property(fc.nat(), ascii, other, (number, space, strange) => {
      const read = (text: string) => [
        integerCodec.parse(text as ByteString),
        parseSize(text),
        parseSettingSize(text),
      ];
      expect(read(`${space}${number}`)).toEqual([number, number, number]);
      expect(read(`${strange}${number}`)).toEqual([undefined, undefined, undefined]);
    }),
  );
});
