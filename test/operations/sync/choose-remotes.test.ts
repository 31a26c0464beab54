import { expect, it } from 'vitest';
import { ascii, type ByteString } from '../../../src/lib/bytes.js';
import { chooseRemotes, hasBranches } from '../../../src/operations/sync/choose-remotes.js';
import { planSync, type SyncRequest } from '../../../src/operations/sync/sync-request.js';
import type { RemoteSettings } from '../../../src/remotes/list/remote-settings.js';
import type { Settings } from '../../../src/repository/settings/settings.js';

function settingsOf(values: Record<string, string>): Settings {
  const get = (name: string) => values[name] as ByteString | undefined;
  return {
    get,
    getAll: (name: string) => (values[name] === undefined ? [] : [values[name] as ByteString]),
    bool: (name: string, fallback: boolean) => (get(name) === undefined ? fallback : get(name) === 'true'),
  } as unknown as Settings;
}

const remote = (name: string, cost = 100, readonly = false) =>
  ({
    name: ascii(name),
    cost,
    readonly,
    sync: true,
    address: { kind: 'local', path: ascii('/x') },
  }) as unknown as RemoteSettings;
const all = [remote('a'), remote('b'), remote('far', 200), remote('near', 50), remote('r', 100, true)];
const names = (words: string[], values: Record<string, string> = {}, fast = false) =>
  chooseRemotes(all, words.map(ascii), settingsOf(values), fast).map(({ name }) => name);

it('takes the cheapest first, and of equals the last in the alphabet', () => {
  expect(names([])).toEqual(['near', 'r', 'b', 'a', 'far']);
});

it('takes those named in the order given, each once, groups included', () => {
  expect(names(['far', 'g', 'a'], { 'remotes.g': 'b a' })).toEqual(['far', 'b', 'a']);
});

it('leaves out what annex-sync excludes, unless it is named', () => {
  const others = all.map((one) => ({ ...one, sync: one.name !== 'a' }));
  const chosen = (words: string[]) =>
    chooseRemotes(others, words.map(ascii), settingsOf({}), false).map(({ name }) => name);
  expect(chosen([])).toEqual(['near', 'r', 'b', 'far']);
  expect(chosen(['a'])).toEqual(['a']);
});

it('keeps only the cheapest of those chosen when asked to be fast', () => {
  expect(names([], {}, true)).toEqual(['near']);
  expect(names(['a', 'far', 'b'], {}, true)).toEqual(['a', 'b']);
});

it('refuses a name that is unknown, worded as git-annex does', () => {
  expect(() => names(['nonesuch'])).toThrow('there is no available git remote named "nonesuch"');
});

it('takes what is behind a gateway only when it is named, and follows the settings of both', () => {
  const behind = { ...remote('a-node'), gateway: ascii('a') };
  const chosen = (words: string[], values = {}) =>
    chooseRemotes([...all, behind], words.map(ascii), settingsOf(values), false);
  expect(chosen([]).map(({ name }) => name)).not.toContain('a-node');
  expect(chosen(['a-node'], { 'remote.a.annex-push': 'false' })).toMatchObject([{ pull: true, push: false }]);
});

it('knows which remotes hold nothing but content', () => {
  const at = (kind: string, url = '') => ({ ...remote('x'), address: { kind, url } }) as RemoteSettings;
  expect(hasBranches(at('http', 'https://host/repo'))).toBe(true);
  expect(hasBranches(at('ssh', 'host:repo'))).toBe(true);
  expect(hasBranches({ ...at('ssh', 'host:repo'), gateway: ascii('gw') })).toBe(false);
  expect(hasBranches(at('http', 'annex+https://host/git-annex/'))).toBe(false);
  expect(hasBranches(at('none'))).toBe(false);
});

it('pulls and pushes as far as the settings let it', () => {
  const values = { 'remote.a.annex-pull': 'false', 'remote.b.annex-push': 'false' };
  const chosen = chooseRemotes(all, ['a', 'b', 'r'].map(ascii), settingsOf(values), false);
  expect(chosen.map(({ pull, push }) => [pull, push])).toEqual([
    [false, true],
    [true, false],
    [true, false],
  ]);
});

const request: SyncRequest = {
  remotes: [],
  commit: undefined,
  pull: true,
  push: true,
  content: undefined,
  contentOf: [],
  all: false,
  onlyAnnex: undefined,
  cleanup: false,
  resolveMerge: undefined,
  allowUnrelatedHistories: false,
  messages: [],
  fast: false,
  full: false,
  addNew: false,
  maxDelete: undefined,
  manner: 'attended',
  cwd: ascii('/'),
};

it.each([
  ['sync', {}, {}, false, false],
  ['pull', {}, {}, true, true],
  ['sync with the setting', {}, { 'annex.synccontent': 'true' }, false, true],
  ['pull with the setting off', {}, { 'annex.synccontent': 'false' }, true, false],
  ['pull that overrides it', { content: true }, { 'annex.synccontent': 'false' }, true, true],
  ['--no-content', { content: false }, { 'annex.synccontent': 'true' }, true, false],
  ['--content-of', { contentOf: [ascii('x')] }, { 'annex.synccontent': 'false' }, false, true],
  ['--only-annex', { onlyAnnex: true }, {}, false, true],
  ['--only-annex --no-content', { onlyAnnex: true, content: false }, {}, false, false],
] as const)('moves content or not: %s', (_, given, values, byDefault, expected) => {
  expect(planSync({ ...request, ...given }, settingsOf(values), byDefault).content).toBe(expected);
});

it('commits unless told not to', () => {
  const commits = (given: Partial<SyncRequest>, values: Record<string, string> = {}) =>
    planSync({ ...request, ...given }, settingsOf(values), false).commit;
  expect(commits({})).toBe(true);
  expect(commits({}, { 'annex.autocommit': 'false' })).toBe(false);
  expect(commits({ commit: true }, { 'annex.autocommit': 'false' })).toBe(true);
  expect(commits({ commit: true, onlyAnnex: true })).toBe(false);
});
