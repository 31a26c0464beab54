import { describe, expect, test } from 'vitest';
import type { TrustLevel } from '../../../src/domain/trust.js';
import type { Uuid } from '../../../src/domain/uuid.js';
import { type ByteString, fromText } from '../../../src/lib/bytes.js';
import {
  BITTORRENT,
  knownRepositories,
  WEB,
} from '../../../src/operations/repositories/known-repositories.js';

const uuid = (name: string) => `${name}-uuid` as Uuid;
const HERE = uuid('here');
const BETA = uuid('beta');
const LONE = uuid('lone');
const CLUSTER = 'ac000000-0000-8000-8000-0000000000c1' as Uuid;

function known({
  descriptions = {},
  remotes = [['b', BETA]],
  trust = {},
}: {
  descriptions?: Record<string, string>;
  remotes?: [string, Uuid][];
  trust?: Record<string, TrustLevel>;
} = {}) {
  return knownRepositories({
    here: HERE,
    descriptions: new Map(Object.entries(descriptions).map(([key, text]) => [key as Uuid, fromText(text)])),
    trust: new Map(Object.entries(trust) as [Uuid, TrustLevel][]),
    remotes: [...remotes, ['web', WEB], ['bittorrent', BITTORRENT]].map(([name, uuid]) => ({
      name: name as ByteString,
      uuid: uuid as Uuid,
    })),
    clusters: new Map([[CLUSTER, new Set([BETA])]]),
  });
}

describe('how a repository is shown', () => {
  test.each([
    // description, shown text, JSON
    [HERE, 'alpha', 'here-uuid -- alpha [here]', 'alpha'],
    [HERE, '', 'here-uuid -- here', ''],
    [HERE, undefined, 'here-uuid -- here', ''],
    [HERE, 'here', 'here-uuid -- [here]', 'here'],
    [BETA, 'desc', 'beta-uuid -- desc [b]', 'desc [b]'],
    [BETA, 'b', 'beta-uuid -- [b]', '[b]'],
    [BETA, '', 'beta-uuid -- [b]', '[b]'],
    [BETA, undefined, 'beta-uuid -- b', 'b'],
    [LONE, 'elsewhere', 'lone-uuid -- elsewhere', 'elsewhere'],
    [LONE, undefined, 'lone-uuid', ''],
    [WEB, undefined, `${WEB} -- web`, 'web'],
    [WEB, 'foo', `${WEB} -- foo [web]`, 'foo [web]'],
  ])('%s described as %j', (of, text, line, description) => {
    const repositories = known({ descriptions: text === undefined ? {} : { [of]: text } });
    expect(repositories.line(of)).toBe(line);
    expect(repositories.entry(of)).toEqual({ description, here: of === HERE, uuid: of });
  });

  test('the last of several remotes of one repository gives the name', () => {
    const remotes: [string, Uuid][] = [
      ['first', BETA],
      ['second', BETA],
    ];
    expect(known({ remotes }).line(BETA)).toBe('beta-uuid -- second');
    expect(known({ remotes }).remoteName(BETA)).toBe('second');
  });
});

describe('what a word names', () => {
  const repositories = known({
    descriptions: { [HERE]: 'alpha', [LONE]: 'twin', [uuid('other')]: 'twin', [CLUSTER]: 'b' },
  });
  test.each([
    ['here', HERE],
    ['.', HERE],
    ['b', BETA],
    ['web', WEB],
    ['alpha', HERE],
    [LONE, LONE],
    [BETA, BETA],
    [CLUSTER, CLUSTER],
    ['twin', 'ambiguous'],
    ['nosuch', undefined],
    ['', undefined],
  ])('%j', (word, found) => expect(repositories.lookUp(word as ByteString)).toBe(found));

  test('an unknown or ambiguous word is an error', () => {
    const unknown = expect.objectContaining({ code: 'unknown-remote' });
    expect(() => repositories.named('nosuch' as ByteString)).toThrow(unknown);
    expect(() => repositories.named('twin' as ByteString)).toThrow('found multiple repositories');
    expect(repositories.named('b' as ByteString)).toBe(BETA);
  });
});

test('all that are known are listed once, by uuid', () => {
  const { all } = known({ descriptions: { [LONE]: 'x', [HERE]: 'alpha', [BETA]: 'beta' } });
  expect(all).toEqual([WEB, BITTORRENT, BETA, HERE, LONE]);
});

test('clusters are known by their nodes', () => {
  expect(known().clustersOf([HERE, BETA])).toEqual([CLUSTER]);
  expect(known().clustersOf([HERE])).toEqual([]);
});

test('repositories nobody said anything about are semitrusted', () => {
  expect(known().trustOf(BETA)).toBe('semitrusted');
  expect(known({ trust: { [BETA]: 'dead' } }).trustOf(BETA)).toBe('dead');
});
