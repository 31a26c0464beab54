import { describe, expect, test } from 'vitest';
import { parseExpression } from '../../../src/domain/matching/expression.js';
import { unstableTerms, validatePreferredContent } from '../../../src/domain/matching/validate.js';
import type { ByteString } from '../../../src/lib/bytes.js';

const unstable = (text: string) => unstableTerms(parseExpression(text as ByteString, 'preferred-content'));

describe('validatePreferredContent', () => {
  test.each([
    ['bad(', 'Parse failure: near "bad"'],
    ['include=* and foo=bar baz', 'Parse failure: near "foo=bar" Parse failure: near "baz"'],
    ['copies=x', 'Parse failure: bad number for copies'],
    ['largerthan=x', 'Parse failure: bad size'],
    ['lackingcopies', 'Parse failure: bad value for number of lacking copies'],
    ['balanced=a:b:c', 'Parse failure: bad value for balanced'],
    ['metadata=', 'Parse failure: Illegal metadata field name, ""'],
    ['mimetype=x', 'Parse failure: near "mimetype=x"'],
  ])('%s: %s', (text, problem) => {
    expect(validatePreferredContent(text as ByteString)).toBe(problem);
  });

  test.each([
    '',
    '(',
    ')',
    'not',
    'or',
    '((present)',
    'include=x or',
    'standard',
    'not present',
    'inallgroup',
  ])('%j is accepted, as git-annex does', (text) => {
    expect(validatePreferredContent(text as ByteString)).toBeUndefined();
  });
});

describe('unstableTerms', () => {
  test.each([
    ['not present', ['present']],
    ['not (copies=1 or sizebalanced=x)', ['sizebalanced=x']],
    ['include=a and not (include=b and (present or balanced=g:2))', ['present', 'balanced=g:2']],
    ['not present or not present', ['present']],
    ['not not present', []],
    ['not (not present)', []],
    ['not fullybalanced=x', []],
    ['present and not copies=1', []],
    ['(not include=x) and present', []],
    ['not include=x present', []],
    ['', []],
  ])('%s: %j', (text, terms) => {
    expect(unstable(text)).toEqual(terms);
  });

  test('standard and groupwanted count as what they stand for', () => {
    const parse = (text: string) => parseExpression(text as ByteString, 'preferred-content');
    const terms = (text: string, standard?: string, groupWanted?: string) =>
      unstableTerms(parse(text), {
        standard: standard === undefined ? undefined : parse(standard),
        groupWanted: groupWanted === undefined ? undefined : parse(groupWanted),
      });
    expect(unstable('not standard')).toEqual([]);
    expect(terms('not standard')).toEqual(['standard']);
    expect(terms('not standard', 'include=a')).toEqual([]);
    expect(terms('not standard', 'present and include=a')).toEqual(['standard']);
    expect(terms('groupwanted', undefined, 'not present')).toEqual([]);
    expect(terms('not groupwanted', undefined, 'not present')).toEqual(['groupwanted']);
    expect(terms('not not groupwanted', undefined, 'not present')).toEqual([]);
    expect(terms('not groupwanted', 'present', 'standard')).toEqual(['groupwanted']);
    expect(terms('not groupwanted', 'include=a', 'standard')).toEqual([]);
    expect(terms('not groupwanted', 'include=a', 'groupwanted')).toEqual(['groupwanted']);
  });

  test('an expression of a hundred thousand bytes, nested ten thousand deep', () => {
    const deep = `${'not ( '.repeat(9_999)}present${')'.repeat(9_999)}`;
    expect(unstable(deep)).toEqual(['present']);
    expect(unstable(`not ${deep}`)).toEqual([]);
    expect(validatePreferredContent('('.repeat(10_000) as ByteString)).toBeUndefined();
    expect(validatePreferredContent('not '.repeat(25_000) as ByteString)).toBeUndefined();
  });
});
