import { describe, expect, test } from 'vitest';
import type { MatchFacts } from '../../../src/domain/matching/facts.js';
import { compileRule, decideRule, explainRule, parsePreferred } from '../../../src/domain/matching/rule.js';
import type { Indirect } from '../../../src/domain/matching/validate.js';
import type { Uuid } from '../../../src/domain/uuid.js';
import type { ByteString } from '../../../src/lib/bytes.js';

const b = (text: string) => text as ByteString;
const indirect = (standard?: string, groupWanted?: string): Indirect => ({
  standard: standard === undefined ? undefined : parsePreferred(b(standard)),
  groupWanted: groupWanted === undefined ? undefined : parsePreferred(b(groupWanted)),
});
const rule = (texts: string | readonly string[], behind = indirect()) =>
  compileRule([texts].flat().map(b), behind);
const here: MatchFacts = { file: b('foo'), size: 10, present: true };
const gone: MatchFacts = { ...here, present: false };

describe('what a rule comes to', () => {
  test.each([
    ['bad term', 'unparsable'],
    ['not bad', 'unparsable'],
    ['include=foo or futureterm=1', 'unparsable'],
    ['standard', undefined],
    ['groupwanted', undefined],
  ])('%s: what is present stays, and nothing comes', (text, problem) => {
    expect(rule(text).problem?.kind).toBe(problem);
    expect([decideRule(rule(text), here), decideRule(rule(text), gone)]).toEqual([true, false]);
  });

  test('an unstable rule matches nothing', () => {
    for (const text of ['not present', 'anything or not present', 'not standard']) {
      expect([decideRule(rule(text), here), decideRule(rule(text), gone)]).toEqual([false, false]);
    }
    expect(decideRule(rule('not standard', indirect('include=bar')), gone)).toBe(true);
  });

  test('what is required is wanted too; one bad expression spoils both', () => {
    expect(decideRule(rule(['nothing', 'include=foo']), gone)).toBe(true);
    expect(decideRule(rule(['include=foo', 'bad']), gone)).toBe(false);
    expect(decideRule(rule(['include=foo', 'not present']), gone)).toBe(false);
  });

  test('standard inside groupwanted is followed, groupwanted inside itself is not', () => {
    expect(decideRule(rule('groupwanted', indirect('include=foo', 'standard')), gone)).toBe(true);
    expect(decideRule(rule('groupwanted', indirect(undefined, 'groupwanted')), gone)).toBe(false);
    expect(decideRule(rule('groupwanted', indirect(undefined, 'not groupwanted')), gone)).toBe(true);
  });

  test('a groupwanted that cannot be parsed spoils the expressions that use it', () => {
    const bad = indirect(undefined, 'foo');
    expect(decideRule(rule('groupwanted', bad), here)).toBe(true);
    expect(decideRule(rule('include=foo or groupwanted', bad), gone)).toBe(false);
    expect(decideRule(rule('include=foo', bad), gone)).toBe(true);
  });
});

describe('explanations', () => {
  test.each([
    ['include=foo or nothing', 'include=foo[TRUE]'],
    ['nothing or include=foo', 'nothing[FALSE] or include=foo[TRUE]'],
    ['not (nothing or include=bar)', 'not ( nothing[FALSE] or include=bar[FALSE] )'],
    [
      'include=foo and (include=bar or largerthan=5)',
      'include=foo[TRUE] and ( include=bar[FALSE] or largerthan=5[TRUE] )',
    ],
    ['(include=foo and largerthan=5) or nothing', 'include=foo[TRUE] and largerthan=5[TRUE]'],
    ['not not nothing', 'not not nothing[FALSE]'],
    ['anything and anything and anything', 'anything[TRUE] and anything[TRUE] and anything[TRUE]'],
    [
      'not (include=foo and largerthan=5) or anything',
      '( not ( include=foo[TRUE] and largerthan=5[TRUE] ) ) or anything[TRUE]',
    ],
    ['include=a include=foo', 'include=a[FALSE]'],
    ['', ''],
    [
      'anything or not present',
      'anything[TRUE], but that expression is not stable due to negated use of present, so will not be used',
    ],
    ['bad foo', 'Parse failure: near "bad" Parse failure: near "foo"; what is present is kept'],
  ])('%s: %s', (text, because) => {
    expect(explainRule(rule(text), here).because).toBe(because);
  });

  test('agrees with the decision', () => {
    for (const text of ['nothing', 'not nothing', 'include=foo and not largerthan=5', 'unused or present']) {
      expect(explainRule(rule(text), here).answer).toBe(decideRule(rule(text), here));
    }
  });

  test('of two expressions', () => {
    expect(explainRule(rule(['nothing', 'include=foo']), here).because).toBe(
      '( nothing[FALSE] ) or ( include=foo[TRUE] )',
    );
  });

  test('of an expression nested ten thousand deep', () => {
    const deep = `${'( not '.repeat(10_000)}include=foo${')'.repeat(10_000)}`;
    expect(explainRule(rule(deep), here).answer).toBe(true);
    expect(explainRule(rule(deep), here).because).toContain('include=foo[TRUE]');
  });
});

describe('terms of newer git-annex versions', () => {
  const [a, c, d] = ['a', 'c', 'd'].map((id) => id as string as Uuid) as [Uuid, Uuid, Uuid];
  const members: Record<string, Uuid[]> = { archive: [a], backup: [c, d], offsite: [d] };
  const facts: MatchFacts = {
    ...here,
    locations: [a, c, d],
    trust: () => 'semitrusted',
    numcopies: 3,
    approxNumcopies: 4,
    groupMembers: (group) => members[group] ?? [],
    urls: [b('http://example.com/x')],
  };
  test.each([
    ['copies=archive+backup=3', true],
    ['copies=archive+backup-offsite=3', false],
    ['copies=archive+backup-offsite=2', true],
    ['copies=-offsite=2', true],
    ['copies=-offsite=3', false],
    ['lackingcopies=1', false],
    ['lackingcopies=-offsite=1', true],
    ['lackingcopies=-offsite=2', false],
    ['lackingcopies=archive:2', true],
    ['lackingcopies=archive:3', false],
    ['approxlackingcopies=archive:3', true],
    ['approxlackingcopies=nosuch=4', true],
    ['url=http://*', true],
    ['url=ftp://*', false],
  ])('%s: %s', (text, answer) => {
    expect(rule(text).problem).toBeUndefined();
    expect(decideRule(rule(text), facts)).toBe(answer);
  });

  test.each([
    'copies=+=1',
    'copies=a=x',
    'lackingcopies=a:b:1',
    'balanced=g:lackingcopies=',
    'balanced=g:lacking',
  ])('%s is refused', (text) => {
    expect(rule(text).problem?.kind).toBe('unparsable');
  });
});
