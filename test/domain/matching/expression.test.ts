import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Answer } from '../../../src/domain/matching/expression.js';
import {
  evaluate,
  parseExpression,
  parseFailure,
  parseTokens,
  termsOf,
  tokenize,
} from '../../../src/domain/matching/expression.js';
import { decideTerm, matches } from '../../../src/domain/matching/facts.js';
import { ascii, type ByteString } from '../../../src/lib/bytes.js';
import type { Judge } from '../judge.js';
import { createJudge } from '../judge.js';

let judge: Judge;
beforeAll(() => {
  judge = createJudge();
});
afterAll(() => judge.dispose());

function judged(
  expression: string,
  args: readonly string[] = [],
): { status: number | null; message: string } {
  const result = spawnSync('git', ['-C', judge.dir, 'annex', 'matchexpression', expression, ...args]);
  return { status: result.status, message: `${result.stdout}${result.stderr}`.trim() };
}

const decided = (expression: string): Answer =>
  matches(parseExpression(ascii(expression), 'preferred-content'), {});

test('expressions, also broken ones, match as git-annex has it', () => {
  const word = fc.constantFrom('anything', 'nothing', 'nothing', 'and', 'or', 'not', '(', ')');
  const random = fc.sample(fc.array(word, { minLength: 1, maxLength: 9 }), { numRuns: 60, seed: 21 });
  const given = [
    '',
    '  ',
    'not',
    'not)',
    '(not)',
    'not or nothing',
    'anything or anything and nothing',
    '()',
    'nothing(anything)',
  ];
  for (const expression of [...given, ...random.map((words) => words.join(' '))]) {
    expect([expression, decided(expression)]).toEqual([expression, judged(expression).status === 0]);
  }
}, 60_000);

test('terms that git-annex refuses are refused with its words', () => {
  const terms = [
    ...[
      'foo',
      'foo=bar',
      'INCLUDE=*',
      'Anything',
      'include=a(b)',
      'largerthan=foo',
      'largerthan=1 kb',
      'smallerthan',
    ],
    ...[
      'copies=x',
      'copies',
      'copies=a:b:1',
      'copies=semitrusted+:x',
      'lackingcopies=x',
      'approxlackingcopies=',
      'in=here',
    ],
    ...[
      'metadata=a*=b',
      'metadata=<1',
      'metadata',
      'balanced=a:x',
      'fullysizebalanced=a:x',
      'balanced=a:1:2',
      'nothing=1',
    ],
    ...[
      'present=1',
      'bogus and largerthan=x or foo',
      'mimetype=x',
      'locked',
      'accessedwithin=1d',
      'constructor',
    ],
  ];
  for (const text of terms) {
    const { errors } = parseExpression(ascii(text), 'preferred-content');
    expect(`bad expression: ${parseFailure(errors)}`).toBe(judged(text).message);
  }
  for (const text of ['copies=1', 'present', 'mimetype=x and standard', 'inbackend=a or largerthan=']) {
    const { errors } = parseExpression(ascii(text), 'largefiles');
    expect(`bad expression: ${parseFailure(errors)}`).toBe(judged(text, ['--largefiles']).message);
  }
}, 60_000);

test('terms that git-annex takes are taken', () => {
  const terms = [
    ...[
      'include',
      'copies=1',
      'copies=-1',
      'copies=1x',
      'copies=foo:1',
      'copies=semitrusted+:0',
      'lackingcopies=-1',
    ],
    ...[
      'inallgroup=foo',
      'onlyingroup=x',
      'metadata=tag=foo',
      'metadata=a>=x',
      'securehash',
      'unused',
      'standard',
      'groupwanted',
    ],
    ...[
      'balanced=foo',
      'balanced=foo:2',
      'fullybalanced=',
      'sizebalanced=a:0',
      'fullysizebalanced',
      'inpreferreddir',
      'present',
    ],
  ];
  for (const text of terms) {
    expect([text, parseExpression(ascii(text), 'preferred-content').errors]).toEqual([text, []]);
    expect([0, 1]).toContain(judged(text, ['--key=A--x', '--file=f']).status);
  }
}, 60_000);

test('sizes, names and keys decide as in git-annex', () => {
  const key = 'SHA256E-s2000--x';
  const facts = { file: ascii('a/b.mp3'), size: 2000, key: ascii(key) as never };
  const expressions = [
    'largerthan=2kb',
    'largerthan=1999',
    'smallerthan=2kb',
    'smallerthan=2001b',
    'exclude=*.mp3 or inbackend=SHA256E',
    'inbackend=SHA256',
    'securehash and not include=*.ogg',
  ];
  for (const text of expressions) {
    const ours = matches(parseExpression(ascii(text), 'preferred-content'), facts);
    expect([text, ours]).toEqual([text, judged(text, [`--key=${key}`, '--file=a/b.mp3']).status === 0]);
  }
}, 60_000);

test('unknown terms never decide anything', () => {
  for (const text of [
    'foo',
    'not foo',
    'foo and anything',
    'nothing or foo',
    'foo or foo',
    '(foo)',
    'not (foo and anything)',
    'copies=1',
    'in=x',
  ]) {
    expect([text, decided(text)]).toEqual([text, 'unknown']);
  }
  expect(decided('foo and nothing')).toBe(false);
  expect(decided('nothing and foo')).toBe(false);
  expect(decided('foo or anything')).toBe(true);
  expect(decided('anything or foo')).toBe(true);
});

test('a hundred thousand parentheses or nots are no problem', () => {
  const deep = 100_000;
  expect(decided(`${'('.repeat(deep)}nothing${')'.repeat(deep)}`)).toBe(false);
  expect(decided(`${'not '.repeat(deep + 1)}nothing`)).toBe(true);
  expect(decided(`${'nothing or ('.repeat(deep)}anything`)).toBe(true);
  expect(decided(`anything${' and anything'.repeat(deep)}`)).toBe(true);
});

test('terms that do not matter are not asked', () => {
  const asked: string[] = [];
  const expression = parseExpression(
    ascii('nothing and include=a or exclude=b or largerthan=1'),
    'preferred-content',
  );
  const answer = evaluate(expression, (term) => {
    asked.push(term.type);
    return decideTerm(term, { file: ascii('x') });
  });
  expect(answer).toBe(true);
  expect(asked).toEqual(['nothing', 'exclude']);
  expect(termsOf(expression).map((term) => term.type)).toEqual([
    'nothing',
    'include',
    'exclude',
    'larger-than',
  ]);
});

test('any text parses, and its answer agrees with plain evaluation of what it means', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const bytes = text.replace(/[^\0-\xff]/gu, '?') as ByteString;
      const expression = parseExpression(bytes, 'preferred-content');
      expect([true, false, 'unknown']).toContain(matches(expression, {}));
      expect(parseTokens(tokenize(bytes), 'preferred-content')).toEqual(expression);
    }),
  );
});
