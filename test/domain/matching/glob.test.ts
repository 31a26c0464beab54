import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compileGlob } from '../../../src/domain/matching/glob.js';
import { ascii, type ByteString, fromText } from '../../../src/lib/bytes.js';
import type { Judge } from '../judge.js';
import { createJudge } from '../judge.js';

let judge: Judge;
beforeAll(() => {
  judge = createJudge();
});
afterAll(() => judge.dispose());

const pairs: [string, string][] = [
  ['*.mp3', 'foo.MP3'],
  ['a/*', 'a/b/c'],
  ['a?b', 'a/b'],
  ['[Bb]ar', 'Bar'],
  ['[!b]ar', 'bar'],
  ['[^b]ar', 'Bar'],
  ['[[:bogus:]]x', 'ax'],
  ['a[', 'a['],
  ['\\*', '*'],
  ['\\*', '\\x'],
  ['a\\', 'a\\'],
  ['*.{a,b}', 'x.a'],
  ['[a-]', '-'],
  ['[]]', ']'],
  ['[]', '[]'],
  ['[!]]', 'x'],
  ['?', '\u00e9'],
  ['??', '\u00e9'],
  ['?', '\u{1f600}'],
  ['[a-\u00e9]', 'd'],
  ['[!\u00e9]', '\u00e8'],
  ['[\\]]', ']'],
  ['[\\]]', '\\]'],
  ['[z-a]', 'z'],
  ['[[.a.]]', 'a'],
  ['[[=ab=]]', 'a'],
  ['a.b', 'axb'],
  ['^a$', 'a'],
  ['a|b', 'a'],
  ['a*b', 'a\nb'],
  ['b', 'a\nb'],
  ['?', 'a\nbc'],
  ['[!x]b', 'a\nb'],
  ['[a-c-e]', '-'],
  ['[%--]', '-'],
  ['[?]', 'x'],
  ['[^]', '^'],
  ['[[a]', '['],
  ['x[!-]', 'x-'],
  ['[[:alpha:][:digit:]_]*', '5x'],
  ['*a*a*b', 'aaaaaaaaaac'],
  ['', ''],
  ['*', ''],
];

test('matches what git-annex matches', () => {
  const random = fc.sample(
    fc.tuple(
      fc.array(fc.constantFrom('*', '?', '[ab]', '[!a]', 'a', 'b', '/', '[', ']'), { maxLength: 6 }),
      fc.array(fc.constantFrom('a', 'b', '/', '[', ']'), { maxLength: 6 }),
    ),
    { numRuns: 30, seed: 9 },
  );
  const all = [...pairs, ...random.map(([glob, text]) => [glob.join(''), text.join('')] as [string, string])];
  for (const [glob, text] of all) {
    const judged = spawnSync('git', [
      '-C',
      judge.dir,
      'annex',
      'matchexpression',
      `include=${glob}`,
      `--file=${text}`,
    ]);
    expect([glob, text, compileGlob(fromText(glob)).matches(fromText(text))]).toEqual([
      glob,
      text,
      judged.status === 0,
    ]);
  }
}, 60_000);

test('POSIX classes are ASCII', () => {
  const members = (name: string): string =>
    Array.from({ length: 256 }, (_, code) => String.fromCharCode(code))
      .filter((char) => char !== '\n' && compileGlob(ascii(`[[:${name}:]]`)).matches(char as ByteString))
      .join('');
  expect(members('digit')).toBe('0123456789');
  expect(members('punct')).toBe('!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~');
  expect(members('xdigit')).toBe('0123456789ABCDEFabcdef');
  expect(members('blank')).toBe('\t ');
  expect(members('space')).toBe('\t\v\f\r ');
  expect(members('graph')).toHaveLength(94);
  expect(members('print')).toHaveLength(95);
  expect(members('word')).toHaveLength(63);
});

test('case is ignored on demand', () => {
  expect(compileGlob(fromText('\u00c9*[a-c]'), { ignoreCase: true }).matches(fromText('\u00e9xB'))).toBe(
    true,
  );
  expect(compileGlob(fromText('\u00c9*')).matches(fromText('\u00e9x'))).toBe(false);
});

test('bytes that are not UTF-8 are chars', () => {
  expect(compileGlob(ascii('a?c')).matches('a\xffc' as ByteString)).toBe(true);
  expect(compileGlob('\xff' as ByteString).matches('\xfe' as ByteString)).toBe(false);
});

test('a hostile glob takes no time', () => {
  const glob = compileGlob(`${'*a'.repeat(500)}*b` as ByteString);
  expect(glob.matches('a'.repeat(4000) as ByteString)).toBe(false);
});
