import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commonFlags, jobsFlag } from '../../../src/commands/options/common.js';
import { matchingFlags } from '../../../src/commands/options/matching.js';
import { splitArgv } from '../../../src/commands/options/split-argv.js';
import { type ByteString, fromText } from '../../../src/lib/bytes.js';

const shapes = { ...commonFlags, ...jobsFlag, ...matchingFlags };
const split = (...argv: string[]) => splitArgv(argv.map(fromText), shapes);

describe('splitArgv', () => {
  test('takes options before, between and after operands', () => {
    const { flags, operands } = split('--fast', 'a', '--numcopies', '2', 'b', '-q');
    expect(flags).toEqual(['--fast', '--numcopies=2', '--quiet']);
    expect(operands).toEqual(['a', 'b']);
  });

  test.each([[['-J2']], [['-J', '2']], [['--jobs', '2']], [['--jobs=2']]])('reads %j', (argv) => {
    expect(split(...argv).flags).toEqual(['--jobs=2']);
  });

  test('reads short options written together', () => {
    expect(split('-FqJ3', 'x')).toEqual({
      flags: ['--fast', '--quiet', '--jobs=3'],
      operands: ['x'],
      matching: [],
    });
  });

  test('keeps matching options in their order', () => {
    const { matching, operands } = split(
      '.',
      '--include=*.mp3',
      '--and',
      '-(',
      '--in',
      'usb',
      '--or',
      '-i',
      'arc',
      '-)',
    );
    expect(matching).toEqual([
      { name: 'include', value: '*.mp3' },
      { name: 'and', value: undefined },
      { name: '(', value: undefined },
      { name: 'in', value: 'usb' },
      { name: 'or', value: undefined },
      { name: 'in', value: 'arc' },
      { name: ')', value: undefined },
    ]);
    expect(operands).toEqual(['.']);
  });

  test('does not take the value of an option for a matching option', () => {
    expect(split('--user-agent', '--not', 'f')).toEqual({
      flags: ['--user-agent=--not'],
      operands: ['f'],
      matching: [],
    });
  });

  test('takes everything after -- as operands', () => {
    expect(split('--', '--fast', '-(').operands).toEqual(['--fast', '-(']);
  });

  test('takes - as an operand', () => {
    expect(split('-').operands).toEqual(['-']);
  });

  test.each([
    [['--bogus'], "Invalid option `--bogus'"],
    [['--fast=1'], "Invalid option `--fast=1'"],
    [['-Z'], "Invalid option `-Z'"],
    [['--in'], 'The option `--in` expects an argument.'],
    [['-J'], 'The option `-J` expects an argument.'],
  ])('refuses %j', (argv, message) => {
    expect(() => split(...argv)).toThrow(message);
  });

  test('refuses parentheses for a command without matching options', () => {
    expect(() => splitArgv(['-('] as ByteString[], commonFlags)).toThrow("Invalid option `-('");
  });

  test('loses no operand, whatever bytes it has', () => {
    const bytes = fc.string({
      unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)),
      minLength: 1,
    });
    fc.assert(
      fc.property(fc.array(bytes.filter((text) => !text.startsWith('-'))), (names) => {
        expect(splitArgv(['--fast', ...names, '-q'] as ByteString[], shapes).operands).toEqual(names);
      }),
    );
  });
});
