import { describe, expect, test } from 'vitest';
import { parseExpression } from '../../../src/domain/matching/expression.js';
import type { MatchFacts } from '../../../src/domain/matching/facts.js';
import { matches } from '../../../src/domain/matching/facts.js';
import type { Vocabulary } from '../../../src/domain/matching/terms.js';
import type { TrustLevel } from '../../../src/domain/trust.js';
import type { Uuid } from '../../../src/domain/uuid.js';
import { ascii, type ByteString } from '../../../src/lib/bytes.js';

function answer(text: string, facts: MatchFacts, vocabulary: Vocabulary = 'command-line') {
  const expression = parseExpression(ascii(text), vocabulary);
  expect(expression.errors).toEqual([]);
  return matches(expression, facts);
}

const levels: { [uuid: string]: TrustLevel } = { t: 'trusted', u: 'untrusted', d: 'dead' };
const trust = (uuid: Uuid): TrustLevel => levels[uuid] ?? 'semitrusted';
const groups: { [group: string]: string[] } = { g: ['s', 'u'], all: ['t', 's', 'u', 'd'], dead: ['d'] };
const groupMembers = (group: ByteString): Uuid[] => (groups[group] ?? []) as Uuid[];
const at = (...locations: string[]): MatchFacts => ({ locations: locations as Uuid[], trust, groupMembers });

describe('copies', () => {
  // As `git annex find --copies=...` showed them: untrusted copies count, dead ones never.
  test.each([
    ['copies=1', ['u'], true],
    ['copies=1', ['d'], false],
    ['copies=1', ['ac97ace9-8472-879f-9b8d-579686a2822d'], false],
    ['copies=2', ['s', 's'], false],
    ['copies=0', [], true],
    ['copies=-1', [], true],
    ['copies=untrusted:1', ['u', 's'], true],
    ['copies=semitrusted:1', ['u', 't'], false],
    ['copies=untrusted+:3', ['u', 's', 't'], true],
    ['copies=semitrusted+:2', ['u', 's', 't'], true],
    ['copies=semitrusted+:3', ['u', 's', 't'], false],
    ['copies=dead:1', ['d'], false],
    ['copies=g:2', ['s', 'u'], true],
    ['copies=g:1', ['t'], false],
    ['copies=dead:0', ['t'], true],
    ['inallgroup=g', ['s', 'u', 't'], true],
    ['inallgroup=g', ['s'], false],
    ['inallgroup=all', ['s', 'u', 't'], false],
    ['inallgroup=dead', [], false],
    ['inallgroup=none', [], true],
    ['onlyingroup=g', ['s'], true],
    ['onlyingroup=g', ['s', 't'], false],
    ['onlyingroup=g', ['s', 'd'], true],
    ['onlyingroup=g', [], false],
  ] as const)('%s at %j', (text, locations, expected) => {
    expect(answer(text, at(...locations))).toBe(expected);
  });

  test('lacking copies', () => {
    const facts = { ...at('u', 's'), numcopies: 2, approxNumcopies: 3 };
    expect(answer('lackingcopies=1', facts)).toBe(true);
    expect(answer('lackingcopies=2', facts)).toBe(false);
    expect(answer('approxlackingcopies=2', facts)).toBe(true);
    expect(answer('lackingcopies=1', at('s'))).toBe('unknown');
  });
});

describe('metadata', () => {
  const values: { [field: string]: string[] } = { a: ['10'], b: ['9x'], c: ['abc', 'Q'], tag: ['Foo'] };
  const metadata = (field: ByteString) => (values[field] ?? []) as ByteString[];
  // As `git annex find --metadata ...` showed them.
  test.each([
    ['a<9', false],
    ['a>9', true],
    ['a>=10', true],
    ['a<=10', true],
    ['a<10', false],
    ['a>=010', true],
    ['a>9.5', true],
    ['a<1e2', true],
    ['a>x', false],
    ['b<10', false],
    ['b>1', true],
    ['b>=9x', true],
    ['c=ABC', true],
    ['c=a*', true],
    ['c<abd', true],
    ['c<ABD', false],
    ['c>ABD', true],
    ['tag=foo', true],
    ['A=10', true],
    ['zz=*', false],
    ['zz<1', false],
    ['a', false],
    ['a=', false],
  ])('%s', (text, expected) => {
    expect(answer(`metadata=${text}`, { metadata })).toBe(expected);
  });
});

test('files without a name, contents without a size', () => {
  for (const text of ['include=*', 'exclude=x']) expect(answer(text, {})).toBe(false);
  expect(answer('largerthan=0', {})).toBe(false);
  expect(answer('smallerthan=10', {})).toBe(true);
});

test('mime types', () => {
  const text = 'mimetype=text/*';
  expect(answer(text, { mimeType: ascii('text/plain') }, 'largefiles')).toBe(true);
  expect(answer(text, { mimeType: ascii('Text/plain') }, 'largefiles')).toBe(false);
  expect(answer(text, { mimeType: 'unavailable' }, 'largefiles')).toBe(false);
  expect(answer(text, {}, 'largefiles')).toBe('unknown');
  expect(answer('mimeencoding=binary', { mimeEncoding: ascii('binary') }, 'largefiles')).toBe(true);
});

test('facts that are handed in as answers', () => {
  const wanted: string[] = [];
  const facts: MatchFacts = {
    inRepository: (repository, date) => {
      wanted.push(`${repository} ${date}`);
      return true;
    },
    wants: (what, repository) => {
      wanted.push(`${what} ${repository}`);
      return false;
    },
    balance: ({ kind, group, count }) => {
      wanted.push(`${kind} ${group} ${count}`);
      return true;
    },
    standard: () => true,
    groupWanted: () => 'unknown',
  };
  expect(answer('in=here@{yesterday} in=usb', facts)).toBe(true);
  expect(answer('want-get or want-drop-by=usb', facts)).toBe(false);
  expect(answer('balanced=b and fullysizebalanced=b:3 and standard', facts, 'preferred-content')).toBe(true);
  expect(answer('groupwanted', facts, 'preferred-content')).toBe('unknown');
  expect(wanted).toEqual([
    'here yesterday',
    'usb undefined',
    'want-get undefined',
    'want-drop usb',
    'balanced b 1',
    'fullysizebalanced b 3',
  ]);
});

test('the rest, known and unknown', () => {
  const facts: MatchFacts = {
    present: true,
    expectedPresent: false,
    unused: true,
    locked: true,
    urls: [ascii('http://x/')],
    sameContent: [ascii('work/f')],
    inPreferredDirectory: true,
    accessedSecondsAgo: 60,
  };
  const expected: [string, Vocabulary, boolean][] = [
    ['present', 'preferred-content', true],
    ['inpreferreddir', 'preferred-content', true],
    ['expected-present', 'command-line', false],
    ['unused', 'command-line', true],
    ['locked', 'command-line', true],
    ['unlocked', 'command-line', false],
    ['url=http:*', 'command-line', true],
    ['includesamecontent=work/*', 'command-line', true],
    ['excludesamecontent=work/*', 'command-line', false],
    ['accessedwithin=1m', 'command-line', true],
    ['accessedwithin=59s', 'command-line', false],
  ];
  for (const [text, vocabulary, value] of expected) {
    expect([text, answer(text, facts, vocabulary)]).toEqual([text, value]);
    expect([text, answer(text, {}, vocabulary)]).toEqual([text, 'unknown']);
  }
});
