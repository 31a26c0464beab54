import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AnnexError } from '../../../src/domain/errors.js';
import {
  parseDataLength,
  parseLocked,
  parseOffset,
  parsePresent,
  parseRemoved,
  parseStored,
  parseTimestamp,
} from '../../../src/remotes/http/answers.js';

const all = [parsePresent, parseLocked, parseOffset, parseRemoved, parseStored, parseTimestamp];

describe('answers of a server', () => {
  test('of git-annex are understood', () => {
    expect(parsePresent('{"present":true}')).toBe(true);
    expect(parsePresent('{"present": false}')).toBe(false);
    expect(parseLocked('{"locked":true,"lockid":"e6207561"}')).toBe('e6207561');
    expect(parseLocked('{"locked":false}')).toBeUndefined();
    expect(parseRemoved('{"plusuuids":[],"removed":true}')).toEqual({ removed: true, plusUuids: [] });
    expect(parseRemoved('{"removed":false}')).toEqual({ removed: false, plusUuids: [] });
    expect(parseStored('{"plusuuids":["a","b"],"stored":true}')).toEqual({
      stored: true,
      plusUuids: ['a', 'b'],
    });
    expect(parseOffset('{"offset":12}')).toEqual({ offset: 12, plusUuids: [] });
    expect(parseOffset('{"alreadyhave":true,"plusuuids":["[Yv8=]"]}')).toEqual({
      offset: undefined,
      plusUuids: ['b\xff'],
    });
    expect(parseTimestamp('{"timestamp":6363}')).toBe(6363);
    expect(parseDataLength('12')).toBe(12);
    expect(parseDataLength(undefined)).toBeUndefined();
  });

  test.each([
    '',
    '<html>',
    'null',
    '[]',
    '{}',
    'true',
    '"x"',
    '{"present":"yes","locked":1,"removed":null,"stored":[],"offset":-1,"timestamp":1.5}',
    '{"locked":true,"removed":true,"plusuuids":[1],"offset":1e99,"timestamp":"1"}',
    '{"locked":true,"lockid":7,"removed":true,"plusuuids":["a b"],"stored":true,"alreadyhave":true}',
    '{"locked":true,"lockid":"","removed":true,"plusuuids":"a","stored":true,"alreadyhave":true}',
  ])('%j makes no sense', (text) => {
    for (const parse of all) expect(() => parse(text)).toThrow(AnnexError);
  });

  test('never crash the parsers', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        for (const parse of all) {
          try {
            parse(text);
          } catch (error) {
            expect(error).toBeInstanceOf(AnnexError);
          }
        }
      }),
    );
    for (const header of ['', '-1', '1e3', '99999999999999999', '1, 1'])
      expect(() => parseDataLength(header)).toThrow(AnnexError);
  });
});
