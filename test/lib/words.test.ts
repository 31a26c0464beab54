import { expect, test } from 'vitest';
import { tokenize } from '../../src/domain/matching/expression.js';
import { fromText } from '../../src/lib/bytes.js';
import { hasSpace, splitWords, trimEnd, trimStart } from '../../src/lib/words.js';

test('letters whose UTF-8 has a byte that is white space to JavaScript stay whole', () => {
  const letters = fromText('à\u0085Å');
  expect(splitWords(fromText(` à \t\u0085Å\r\n`))).toEqual([fromText('à'), fromText('\u0085Å')]);
  expect([trimStart(letters), trimEnd(letters), hasSpace(letters)]).toEqual([letters, letters, false]);
  expect(trimEnd(fromText('à \n'))).toBe(fromText('à'));
  expect(tokenize(fromText('include=à and(include=*à)'))).toEqual(
    ['include=à', 'and', '(', 'include=*à', ')'].map(fromText),
  );
});
