import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  parseBoolean,
  parseInteger,
  parseSize,
  parseSizeSetting,
} from '../../../src/repository/settings/values.js';

test.each([
  ['true', true],
  ['Yes', true],
  ['ON', true],
  ['2', true],
  ['-1', true],
  ['false', false],
  ['no', false],
  ['off', false],
  ['0', false],
  ['', false],
])('boolean %j is %j', (text, value) => {
  expect(parseBoolean('annex.thin', text)).toBe(value);
});

test.each(['t', 'foo', '1k', ' true'])('boolean %j is refused by name', (text) => {
  expect(() => parseBoolean('annex.thin', text)).toThrow(
    expect.objectContaining({ code: 'invalid-setting', message: expect.stringContaining('annex.thin') }),
  );
});

test.each([
  ['3', 3],
  ['3k', 3072],
  ['-1', -1],
  [' 2 ', 2],
  ['1G', 1024 ** 3],
])('integer %j is %j', (text, value) => {
  expect(parseInteger('annex.jobs', text)).toBe(value);
});

test.each(['', 'k', '3x', '1.5', '9007199254740993', '99999999999999999999'])(
  'integer %j is refused',
  (text) => {
    expect(() => parseInteger('annex.jobs', text)).toThrow(
      expect.objectContaining({ code: 'invalid-setting' }),
    );
  },
);

/** As `git annex matchexpression --largefiles largerthan=SIZE` reads them. */
test.each([
  ['10', 10],
  ['1b', 1],
  ['1byte', 1],
  ['1kb', 1000],
  ['1k', 1000],
  ['1Kb', 1000],
  ['1KiloBytes', 1000],
  ['1kibibyte', 1024],
  ['1Ki', 1024],
  ['1.5kB', 1500],
  ['1e3kB', 1000000],
  ['1MiB', 1048576],
  ['1Mib', 1048576],
  ['0.5 gb', 500000000],
  ['100 megabytes', 100000000],
  ['1 TB', 1e12],
  ['1PiB', 1125899906842624],
  ['1kbit', 125],
  ['1gigabit', 125000000],
  ['1.9', 2],
  ['010', 10],
])('size %j is %j bytes', (text, value) => {
  expect(parseSize(text)).toBe(value);
});

test.each(['', 'kB', 'foo', '10 foo', '1kBs', '1nibble', '1xb', '.5kB', '-1', '1bit', '1e999'])(
  'size %j is refused',
  (text) => {
    expect(parseSize(text)).toBeUndefined();
    expect(() => parseSizeSetting('annex.diskreserve', text)).toThrow(
      expect.objectContaining({ code: 'invalid-setting' }),
    );
  },
);

test('a size is a whole number of bytes or refused, whatever the text', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.stringMatching(/^\d{1,5}(\.\d{1,3})? ?[kmgtpKMGTP]?(i?[bB])?$/)),
      (text) => {
        const bytes = parseSize(text);
        expect(bytes === undefined || (Number.isInteger(bytes) && bytes >= 0)).toBe(true);
      },
    ),
  );
});
