import { posix } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ByteString } from '../../../src/lib/bytes.js';
import { directoryBelow, readOperand, shownFrom } from '../../../src/operations/select/operands.js';

const b = (text: string) => text as ByteString;

describe('readOperand', () => {
  it.each([
    ['f', '/r', 'f'],
    ['./f', '/r', 'f'],
    ['sub/../f', '/r', 'f'],
    ['..', '/r/sub', ''],
    ['../r/f', '/r', 'f'],
    ['/r/x/y', '/elsewhere', 'x/y'],
    ['.', '/r/sub', 'sub'],
  ])('%s at %s is %s', (given, cwd, path) => {
    expect(readOperand(b(given), b(cwd), b('/r'))).toEqual({ given, path });
  });

  it('refuses what is outside in words of git', () => {
    expect(() => readOperand(b('../a'), b('/r'), b('/r'))).toThrow(
      "fatal: ../a: '../a' is outside repository at '/r'",
    );
    expect(() => readOperand(b('/rx'), b('/r'), b('/r'))).toThrow('outside repository');
    expect(() => readOperand(b(''), b('/r'), b('/r'))).toThrow('empty string is not a valid pathspec');
  });
});

describe('shownFrom', () => {
  const name = fc.stringMatching(/^[a-c]{1,2}$/);
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));

  it('is the relative path, and leads back', () => {
    fc.assert(
      fc.property(path, fc.option(path, { nil: '' }), (file, directory) => {
        const shown = shownFrom(b(directory))(b(file));
        expect(posix.normalize(`/r/${directory}/${shown}`)).toBe(posix.normalize(`/r/${file}`));
        if (!`${directory}/`.startsWith(`${file}/`))
          expect(shown).toBe(posix.relative(`/${directory}`, `/${file}`));
      }),
    );
  });

  it('starts from the top where the current directory is elsewhere', () => {
    expect(directoryBelow(b('/tmp'), b('/r'))).toBe('');
    expect(directoryBelow(b('/r/a/b'), b('/r'))).toBe('a/b');
  });
});
