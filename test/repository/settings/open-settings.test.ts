import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ByteString } from '../../../src/lib/bytes.js';
import { ascii, fromText } from '../../../src/lib/bytes.js';
import { parseConfigList } from '../../../src/repository/settings/git-config.js';
import { createSettings, openSettings } from '../../../src/repository/settings/open-settings.js';

let directory: string;
const git = (...args: string[]) => execFileSync('git', args, { cwd: directory });
const open = () => {
  const environment = { ...process.env, XDG_CONFIG_HOME: join(directory, 'xdg') };
  return openSettings({ directory: fromText(directory), workTree: fromText(directory), environment });
};

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'settings-'));
  git('init', '-q');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test('reads git config: last value wins, valueless is true, subsections keep their case and bytes', async () => {
  git('config', 'annex.uuid', 'one');
  git('config', '--add', 'annex.uuid', 'two');
  git('config', 'remote.Ä b.c.annex-cost', '150');
  writeFileSync(join(directory, '.git/config'), '[annex]\n\tthin\n\tcommitmessage = "a\\nb=c"\n', {
    flag: 'a',
  });
  const settings = await open();
  expect(settings.get('annex.uuid')).toBe('two');
  expect(settings.getAll('annex.uuid')).toEqual(['one', 'two']);
  expect(settings.bool('annex.thin', false)).toBe(true);
  expect(settings.get('annex.commitmessage')).toBe('a\nb=c');
  expect(settings.subsections('remote')).toEqual([fromText('Ä b.c')]);
  expect(settings.int(`remote.${fromText('Ä b.c')}.annex-cost`, 100)).toBe(150);
  expect(settings.get('annex.nothing')).toBeUndefined();
});

test('set writes to the repository and to the object, and unsets', async () => {
  const settings = await open();
  await settings.set('annex.uuid', ascii('abc'));
  expect(settings.get('annex.uuid')).toBe('abc');
  expect((await open()).get('annex.uuid')).toBe('abc');
  await settings.set('annex.uuid', undefined);
  await settings.set('annex.uuid', undefined);
  expect((await open()).get('annex.uuid')).toBeUndefined();
});

test('a broken config file is a git failure with the reason', async () => {
  writeFileSync(join(directory, '.git/config'), '[annex\n', { flag: 'a' });
  await expect(open()).rejects.toMatchObject({
    code: 'git-failed',
    message: expect.stringContaining('bad config'),
  });
});

test('changes at the same moment are all made, and others are waited for', async () => {
  const settings = await open();
  const names = Array.from({ length: 8 }, (_, i) => `remote.r${i}.annex-uuid`);
  const lock = join(directory, '.git/config.lock');
  writeFileSync(lock, '');
  const changes = Promise.all(names.map((name) => settings.set(name, ascii('u'))));
  setTimeout(() => rmSync(lock, { force: true }), 30);
  await changes;
  const made = await open();
  expect(names.filter((name) => made.get(name) !== 'u')).toEqual([]);
});

test('our own settings come from files below git config, the repository file above the user file', async () => {
  mkdirSync(join(directory, 'xdg/annex-ts'), { recursive: true });
  writeFileSync(
    join(directory, 'xdg/annex-ts/config.yaml'),
    'jobs: 2\nsync: {maxTries: 4, quiet: yes}\nlist: [a, b]\n',
  );
  writeFileSync(
    join(directory, '.annex-tsrc.json'),
    '{"jobs": 3, "other": {"x": "y"}, "annex": {"thin": true}}',
  );
  const settings = await open();
  expect(settings.int('annex-ts.jobs', 1)).toBe(3);
  expect(settings.int('annex-ts.sync.maxtries', 1)).toBe(4);
  expect(settings.getAll('annex-ts.list')).toEqual(['a', 'b']);
  expect(settings.bool('annex.thin', false)).toBe(false);
  git('config', 'annex-ts.jobs', '9');
  expect((await open()).int('annex-ts.jobs', 1)).toBe(9);
});

test('a file of the repository cannot name or be a program', async () => {
  mkdirSync(join(directory, '.config'));
  const ran = join(directory, 'ran');
  const program = `require('node:fs').writeFileSync(${JSON.stringify(ran)}, 'x'); module.exports = {}`;
  for (const name of ['.annex-tsrc.js', '.config/config.js', '.config/annex-tsrc.cjs'])
    writeFileSync(join(directory, name), program);
  writeFileSync(
    join(directory, '.annex-tsrc.yaml'),
    'notify-command: touch ran\nssh: {program: evil}\njobs: 5\n',
  );
  const here = process.cwd();
  process.chdir(directory);
  const settings = await open().finally(() => process.chdir(here));
  expect(settings.get('annex-ts.notify-command')).toBeUndefined();
  expect(settings.get('annex-ts.ssh.program')).toBeUndefined();
  expect(settings.int('annex-ts.jobs', 1)).toBe(5);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(existsSync(ran)).toBe(false);
});

test('a settings file that cannot be read is named', async () => {
  writeFileSync(join(directory, '.annex-tsrc.json'), '{');
  await expect(open()).rejects.toMatchObject({
    code: 'invalid-setting',
    message: expect.stringContaining('.annex-tsrc.json'),
  });
});

test('the git-annex branch sets defaults of a few harmless settings only', () => {
  const settings = createSettings(new Map(), new Map(), async () => {});
  settings.useBranchDefaults(
    new Map([
      ['annex.largefiles', ascii('largerthan=1kb')],
      ['annex.freezecontent-command', ascii('rm -rf /')],
    ]),
  );
  expect(settings.get('annex.largefiles')).toBe('largerthan=1kb');
  expect(settings.get('annex.freezecontent-command')).toBeUndefined();
});

test('what makes no sense on the git-annex branch counts for nothing', () => {
  const nonsense = new Map([['annex.securehashesonly', ascii('maybe')]]);
  const settings = createSettings(new Map(), new Map(), async () => {});
  settings.useBranchDefaults(nonsense);
  expect(settings.bool('annex.securehashesonly', false)).toBe(false);
  const own = createSettings(
    new Map([['annex.securehashesonly', [ascii('maybe')]]]),
    new Map(),
    async () => {},
  );
  expect(() => own.bool('annex.securehashesonly', false)).toThrow('annex.securehashesonly');
});

test('any list that git prints is read back', () => {
  const value = fc.string().map((text) => fromText(text.replaceAll('\0', '')) as ByteString);
  const name = fc.stringMatching(/^[a-z]{1,5}\.[a-zA-Z0-9 .=-]{1,9}\.[a-z]{1,5}$/);
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value)), (entries) => {
      const parsed = parseConfigList(entries.map(([n, v]) => `${n}\n${v}\0`).join('') as ByteString);
      for (const [n] of entries) {
        expect(parsed.get(n)).toEqual(entries.filter(([other]) => other === n).map(([, v]) => v));
      }
    }),
  );
});
