import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Entry, putOnBranch } from '../support/branch.js';
import { annexFolder, censusOf, keyFor, listing } from '../support/census.js';
import { expectSound } from '../support/judge.js';
import { type Annex, createScene, type Ended, type Repository, type Scene } from '../support/scene.js';

const GOOD = keyFor('good\n');
const THIRD = '11111111-2222-4333-8444-555555555555';
const NOW = 1_700_000_000;
const MEGABYTE = 'm'.repeat(1 << 20);

let scene: Scene;
let folder: string;
let here: Repository;
let origin: Repository;
let count = 0;
let outside: string[];

beforeAll(() => {
  scene = createScene({ resident: true });
  const first = scene.create('base/origin');
  for (const name of ['good', 'fine']) first.write(name, `${name}\n`);
  first.must('real', 'add', '--quiet', '.');
  first.git('commit', '-qm', 'files');
  const clone = scene.clone('base/origin', 'base/here');
  clone.must('real', 'get', '--quiet', 'fine');
  clone.must('real', 'sync', '--quiet');
  first.must('real', 'merge', '--quiet');
});
afterAll(() => scene.remove());
beforeEach(() => {
  const name = `case-${count++}`;
  scene.copy('base', name);
  folder = scene.path(name);
  here = scene.repository(`${name}/here`);
  origin = scene.repository(`${name}/origin`);
  outside = listing(scene.path('home'));
});

/** Runs our command: it may fail, but not fall over, hang, or act on what it reads. */
function survives(...args: string[]): Ended {
  return survived(args, here.ours(...args));
}

function survivesAll(commands: readonly string[][]): void {
  for (const args of commands) survived(args, here.ours(...args));
}

function survived(args: readonly string[], ended: Ended): Ended {
  const text = `${args.join(' ')}\n${ended.stdout}${ended.stderr}`.slice(0, 3000);
  expect([0, 1], text).toContain(ended.status);
  expect(ended.stdout + ended.stderr, text).not.toMatch(/^\s+at .*\(?.*:\d+:\d+\)?$/m);
  expect(ended.stdout + ended.stderr, text).not.toMatch(
    /TypeError|RangeError|SyntaxError|Maximum call|out of memory/,
  );
  return ended;
}

/** Nothing was executed, and nothing was written but in the repositories. */
function expectNothingOutside(): void {
  expect(readdirSync(folder).sort()).toEqual(['here', 'origin']);
  expect(listing(scene.path('home'))).toEqual(outside);
  for (const repository of [here, origin]) {
    const names = readdirSync(repository.path).filter((name) => !/^(good|fine|\.git|w-.*)$/.test(name));
    expect(names).toEqual([]);
    const found = scene.run('find', [repository.path, '-name', 'pwned'], folder).stdout;
    expect(found).toBe('');
    expect(repository.git('config', '--list', '--local')).not.toMatch(/pwned|fsmonitor|sshcommand/i);
  }
}

const logPath = (key: string) =>
  here.must('real', 'examinekey', '--format', '${hashdirlower}${key}.log', key);
const uuidOf = (repository: Repository) => repository.git('config', 'annex.uuid');

/** The branch of origin gets these files, and we fetch and merge it. */
function receive(files: Record<string, Entry>): void {
  putOnBranch(scene, origin, new Map(Object.entries(files)));
  survives('sync', '--no-content', '--no-push');
}

function withLines(path: string, lines: readonly string[]): Record<string, Entry> {
  return {
    [path]: `${origin.git('show', `git-annex:${path}`)}\n${lines.map((line) => `${line}\n`).join('')}`,
  };
}

function sameAsReal(...args: string[]): void {
  const ours = survives(...args);
  const real = here.real(...args);
  expect({ status: ours.status, stdout: ours.stdout }, args.join(' ')).toEqual({
    status: real.status,
    stdout: real.stdout,
  });
}

/** Text for people moves no cursor and sets no title. */
function expectNoControls(stdout: string): void {
  expect(Buffer.from(stdout.replace(/[\n\t]/g, ''), 'latin1').toString()).not.toMatch(/\p{Cc}/u);
}

/** Key -> uuids that have it; git-annex also shows uuids that are none, which we may leave out. */
function properLocations(who: Annex): Map<string, string[]> {
  const { stdout } =
    who === 'ours' ? survives('whereis', '--json', '--all') : here.real('whereis', '--json', '--all');
  const records = stdout
    .split('\n')
    .filter(Boolean)
    .map((record) => JSON.parse(record) as { key: string; whereis: { uuid: string }[] });
  const proper = ({ uuid }: { uuid: string }) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(uuid);
  return new Map(
    records.map(({ key, whereis }) => [
      key,
      whereis
        .filter(proper)
        .map(({ uuid }) => uuid)
        .sort(),
    ]),
  );
}

describe('location logs', () => {
  const strange: Record<string, readonly string[]> = {
    'absurd timestamps': [
      `1e400s 1 ${THIRD}`,
      `-5s 1 ${THIRD}`,
      `99999999999999999999999999s 1 ${THIRD}`,
      `NaNs 1 ${THIRD}`,
      `Infinitys 1 ${THIRD}`,
      `0x10s 1 ${THIRD}`,
      `1.5.5s 1 ${THIRD}`,
      `s 1 ${THIRD}`,
      ` 1 ${THIRD}`,
      `${NOW} 1 ${THIRD}`,
      `${'9'.repeat(5000)}s 1 ${THIRD}`,
    ],
    'broken lines': [
      '',
      'garbage',
      `${NOW}s`,
      `${NOW}s 1`,
      `${NOW}s 7 ${THIRD}`,
      `${NOW}s 1 `,
      `${NOW}s\t1\t${THIRD}`,
      `${NOW}s 1 ${THIRD}\r`,
      '\xff\xfe\x80 1 x',
    ],
    NULs: ['\0\0\0', `${NOW}s 1 \0${THIRD}`, `${NOW}s\0 1 ${THIRD}`],
    'uuids that are no uuids': [
      `${NOW}s 1 ../../../pwned`,
      `${NOW}s 1 $(touch pwned)`,
      `${NOW}s 1 --exec=pwned`,
      `${NOW}s 1 \x1b[2J\x07`,
      `${NOW}s 1 -`,
      `${NOW}s 1 ${'u'.repeat(3000)}`,
    ],
    'a line of one megabyte': [`${NOW}s 1 ${MEGABYTE}`, MEGABYTE],
    'thousands of fields': [`${NOW}s 1 ${'x '.repeat(20_000)}`, '1 '.repeat(20_000)],
    'thousands of lines': Array.from({ length: 20_000 }, (_, number) => `${NOW + number}s 1 ${THIRD}`),
  };

  test.each(Object.entries(strange))('%s', (_, lines) => {
    receive(withLines(logPath(GOOD), lines));
    survivesAll([['whereis'], ['info', '--fast'], ['find', '--in', 'origin'], ['fsck', '--fast']]);
    sameAsReal('find', '--json', '--anything', '--in', 'origin');
    expect(properLocations('ours')).toEqual(properLocations('real'));
    expectNoControls(survives('whereis', 'good').stdout);
    expect(survives('get', 'good').status).toBe(0);
    expect(survives('drop', 'good').status).toBe(0);
    expect(here.real('find', '--in', 'origin').stdout).toContain('good');
    expectNothingOutside();
  });

  test('a claim of our own in the far future neither hides nor invents content', () => {
    receive(withLines(logPath(GOOD), [`99999999999s 1 ${uuidOf(here)}`]));
    expect(survives('get', 'good').status).toBe(0);
    expect(survives('drop', 'good').status).toBe(0);
    expect(censusOf(here).intact).not.toContain(GOOD);
    survives('sync', '--no-content');
    expectSound(here);
  });
});

describe('paths of the branch', () => {
  const line = `${NOW}s 1 ${THIRD}\n`;
  const paths: Record<string, Record<string, Entry>> = {
    'keys that climb': {
      'aaa/bbb/SHA256E-s3--..%..%..%..%pwned.log': line,
      'aaa/bbb/WORM-s4-m1--..%..%..%pwned.log': line,
      'aaa/bbb/URL--..&%..&%pwned.log': line,
      'aaa/bbb/...log': line,
      'aaa/bbb/..log': line,
      'aaa/bbb/.log': line,
    },
    'keys of strange bytes': {
      'aaa/bbb/SHA256E-s1--a\nb.log': line,
      'aaa/bbb/WORM-s1-m1--\x1b[31m\xff\xfe.log': line,
      'aaa/bbb/$(touch pwned).log': line,
      'aaa/bbb/WORM-s1-m1--$(touch pwned).log': line,
      'aaa/bbb/WORM-s1-m1--a&z&.log': line,
      'aaa/bbb/--json.log': line,
      'aaa/bbb/-s1--x.log': line,
    },
    'keys of absurd fields': {
      'aaa/bbb/SHA256E-s99999999999999999999999--00.log': line,
      'aaa/bbb/SHA256E-s-5--00.log': line,
      'aaa/bbb/SHA256E-s1-S0-C0--00.log': line,
      'aaa/bbb/SHA256E-s1-S1-C99999999999999999999--00.log': line,
      [`aaa/bbb/SHA256E${'-s1'.repeat(2000)}--00.log`]: line,
      [`aaa/bbb/WORM-s1-m1--${'k'.repeat(4000)}.log`]: line,
    },
    'names that climb': { 'a/../b/pwned.log': line, '../pwned': line, '.git/pwned': line, './x.log': line },
    'files in places of folders, links and submodules': {
      'uuid.log/x': line,
      'trust.log': { mode: '120000', content: '/etc/passwd' },
      'numcopies.log': { mode: '160000', content: '1'.repeat(40) },
      'aaa/bbb': line,
      'config.log': { mode: '100755', content: line },
    },
  };

  test.each(Object.entries(paths))('%s', (_, files) => {
    receive(files);
    survivesAll([
      ['whereis', '--all'],
      ['whereis', '--all', '--json'],
      ['get', '--all'],
      ['fsck', '--all', '--fast'],
      ['drop', '--all'],
      ['info', '--fast'],
      ['merge'],
    ]);
    survives('get', 'good');
    expect(readFileSync(here.file('good'), 'latin1')).toBe('good\n');
    sameAsReal('find');
    expectNothingOutside();
  });
});

describe('other logs', () => {
  const wrap = (text: string) => `${text} timestamp=${NOW}s\n`;

  test('descriptions are shown, not obeyed', () => {
    const evil = '\x1b]0;title\x07\x1b[2J\r$(touch pwned)`touch pwned`\x9b31m';
    receive({
      'uuid.log':
        `${origin.git('show', 'git-annex:uuid.log')}\n` +
        wrap(`${THIRD} ${evil}`) +
        wrap(`-- --json`) +
        wrap(`\0 nul`) +
        `${THIRD}\n\n \n${MEGABYTE}\n` +
        wrap(`22222222-2222-4333-8444-555555555555 ${'d'.repeat(100_000)}`),
      ...withLines(logPath(GOOD), [`${NOW}s 1 ${THIRD}`]),
    });
    expectNoControls(survives('whereis', 'good').stdout);
    expectNoControls(survives('info', '--fast').stdout);
    sameAsReal('whereis', 'good');
    sameAsReal('whereis', '--json', 'good');
    survives('info', '--fast');
    survives('find', '--in', evil.replace('\r', ''));
    expectNothingOutside();
  });

  test.each([['-5'], ['99999999999999999999'], ['many'], ['0x0'], [''], ['1 1'], [MEGABYTE]])(
    'numcopies and mincopies of %.20s never make the last copy droppable',
    (value) => {
      here.write('w-last', 'last\n');
      here.must('real', 'add', '--quiet', 'w-last');
      here.git('commit', '-qm', 'last');
      receive({ 'numcopies.log': `${NOW}s ${value}\n`, 'mincopies.log': `${NOW}s ${value}\n` });
      expect(survives('drop', 'w-last').status).toBe(1);
      survives('drop', '--auto', '.');
      expect(censusOf(here).intact).toContain(keyFor('last\n'));
      expectNothingOutside();
    },
  );

  test.each([
    ['nested', '('.repeat(50_000)],
    ['negations', 'not '.repeat(50_000)],
    ['unknown terms', 'frobnicate=yes or present'],
    ['a program', 'include=$(touch pwned)'],
    ['one megabyte', `include=${'*'.repeat(1 << 20)}`],
    ['slow to match', `include=${'*a'.repeat(60)}b`],
    ['numbers', 'copies=-1 and smallerthan=-1gb and largerthan=9e999'],
    ['NUL', 'anything\0'],
  ])('preferred content that is %s: content is kept', (_, expression) => {
    const log = wrap(`${uuidOf(here)} ${expression}`) + wrap(`${uuidOf(origin)} ${expression}`);
    receive({ 'preferred-content.log': log, 'required-content.log': log });
    survivesAll([
      ['get', '--auto', '.'],
      ['sync', '--content'],
    ]);
    expect(here.real('find', '--in', 'origin', '--or', '--in', 'here').stdout).toBe('fine\ngood\n');
    const somewhere = [...censusOf(here).intact, ...censusOf(origin).intact];
    expect(somewhere).toContain(GOOD);
    expect(somewhere).toContain(keyFor('fine\n'));
    expectNothingOutside();
  });

  test('remotes and settings of the branch run nothing and reach no git config', () => {
    receive({
      'remote.log':
        wrap(`${THIRD} autoenable=true name=--upload-pack=pwned type=external externaltype=../../pwned`) +
        wrap(
          `22222222-2222-4333-8444-555555555555 autoenable=true name=a\x0b[core]fsmonitor=pwned type=directory`,
        ) +
        wrap(
          `33333333-2222-4333-8444-555555555555 autoenable=true name=rsync type=rsync rsyncurl=$(touch pwned)`,
        ) +
        wrap(
          `44444444-2222-4333-8444-555555555555 autoenable=true name=../x type=git location=ext::touch%20pwned`,
        ),
      'config.log': [
        `${NOW}s core.fsmonitor touch pwned`,
        `${NOW}s annex.secure-erase-command touch pwned`,
        `${NOW}s annex.freezecontent-command touch pwned`,
        `${NOW}s annex.commitmessage-command touch pwned`,
        `${NOW}s annex.pre-commit-command touch pwned`,
        `${NOW}s annex.numcopies -1`,
        `${NOW}s annex.securehashesonly maybe`,
        '',
      ].join('\n'),
      'trust.log': wrap(`${THIRD} 1`) + wrap(`${uuidOf(here)} Z`) + wrap('\0 1'),
      'group.log': wrap(`${THIRD} ${'g '.repeat(20_000)}`),
      'schedule.log': wrap(`${uuidOf(here)} fsck self 99999999h every day at 99:99`),
      'proxy.log': wrap(`${THIRD} ${THIRD}:--pwned`),
      'cluster.log': wrap(`${THIRD} ${THIRD}`),
      'nonesuch.log': MEGABYTE,
      'activity.log': wrap(`${THIRD} Fsck${'x'.repeat(5000)}`),
    });
    survivesAll([['sync'], ['get', 'good'], ['drop', 'good'], ['info', '--fast'], ['fsck', '--fast']]);
    expect(here.ours('get', 'good').status).toBe(0);
    expectNothingOutside();
  });
});

describe('the work tree', () => {
  test('links and pointers to what is no key are no annexed files', () => {
    const links: Record<string, string> = {
      'w-climb': '.git/annex/objects/aa/bb/..%..%pwned/..%..%pwned',
      'w-away': '../outside/.git/annex/objects/aa/bb/WORM-s1-m1--x/WORM-s1-m1--x',
      'w-dots': '.git/annex/objects/../../../../pwned',
      'w-dot': '.git/annex/objects/aa/bb/../..',
      'w-newline': '.git/annex/objects/aa/bb/WORM-s1-m1--x\ny/WORM-s1-m1--x\ny',
      'w-worm': '.git/annex/objects/aa/bb/WORM-s1-m1--..%..%..%..%pwned/WORM-s1-m1--..%..%..%..%pwned',
      'w-option': '.git/annex/objects/aa/bb/--force/--force',
      'w-long': `.git/annex/objects/aa/bb/${'WORM-s1-m1--k'.repeat(250)}`,
    };
    for (const [name, target] of Object.entries(links)) symlinkSync(target, here.file(name));
    const pointers: Record<string, string> = {
      'w-p-climb': '/annex/objects/../../../../pwned\n',
      'w-p-worm': '/annex/objects/WORM-s1-m1--..%..%..%pwned\n',
      'w-p-nul': '/annex/objects/WORM-s1-m1--a\0b\n',
      'w-p-more': `/annex/objects/WORM-s1-m1--ok\n${'more\n'.repeat(50_000)}`,
      'w-p-long': `/annex/objects/WORM-s1-m1--${'k'.repeat(40_000)}\n`,
      'w-p-empty': '/annex/objects/\n',
    };
    for (const [name, content] of Object.entries(pointers)) here.write(name, content);
    here.git(
      '-c',
      'filter.annex.process=',
      '-c',
      'filter.annex.clean=',
      '-c',
      'filter.annex.required=false',
      'add',
      '.',
    );
    here.git('commit', '-q', '--no-verify', '-m', 'hostile');
    const names = [...Object.keys(links), ...Object.keys(pointers)];
    // git-annex takes a NUL for a part of a key; we may not.
    const without = names.filter((name) => name !== 'w-p-nul');
    for (const name of without) sameAsReal('lookupkey', name);
    sameAsReal('find', '--json', '--anything', ...without);
    sameAsReal('whereis', '--json', ...without);
    survives('lookupkey', 'w-p-nul');
    survivesAll([
      ['get', '.'],
      ['fsck', '--fast'],
      ['add', '.'],
      ['drop', '.'],
      ['sync', '--content'],
    ]);
    expectNothingOutside();
  });

  test('content of a key with a climbing name is stored in the annex only', () => {
    const key = 'WORM-s4-m1--../../../../pwned';
    writeFileSync(join(folder, 'origin', '.git', 'source'), 'evil');
    origin.must('real', 'setkey', key, '.git/source');
    origin.must('real', 'fromkey', key, 'w-evil');
    origin.git('commit', '-qm', 'evil');
    survives('pull');
    expect(survives('get', 'w-evil').status).toBe(0);
    expect(readFileSync(here.file('w-evil'), 'latin1')).toBe('evil');
    expect(survives('move', '--to', 'origin', 'w-evil').status).toBe(0);
    expectNothingOutside();
    expectSound(here);
  });

  test('attributes and configuration files in it run nothing', () => {
    const script = 'require("fs").writeFileSync("pwned", "")';
    mkdirSync(here.file('w-config'));
    const names = ['.git-annex-tsrc', '.git-annex-tsrc.js', '.git-annex-tsrc.cjs', 'git-annex-ts.config.js'];
    for (const name of [...names, 'git-annex-ts.config.cjs', 'git-annex-ts.config.ts', 'package.json']) {
      here.write(name, name === 'package.json' ? '{"git-annex-ts": {"$import": "./pwn.js"}}' : script);
    }
    here.write(
      '.gitattributes',
      `* annex.backend=$(touch${'x'.repeat(3000)} annex.numcopies=-1 annex.largefiles=((((\n`,
    );
    here.write('w-new', 'new\n');
    survivesAll([['whereis'], ['add', 'w-new'], ['drop', 'fine'], ['sync'], ['info', '--fast']]);
    for (const name of [
      ...names,
      'git-annex-ts.config.cjs',
      'git-annex-ts.config.ts',
      'package.json',
      '.gitattributes',
    ]) {
      scene.run('rm', ['-f', name], here.path);
    }
    expectNothingOutside();
  });
});

test('strange files in the journal are not taken for logs outside the branch', () => {
  const journal = join(annexFolder(here), 'journal');
  const line = `${NOW}s 1 ${THIRD}\n`;
  mkdirSync(join(journal, 'folder'), { recursive: true });
  for (const name of ['.._.._.._pwned', 'new\nline.log', '_', '__', '.git_pwned', '-dash', 'a_.._b.log']) {
    writeFileSync(join(journal, name), line);
  }
  survivesAll([['numcopies', '1'], ['get', 'good'], ['merge']]);
  expect(here.git('ls-tree', '-r', '--name-only', '-z', 'git-annex')).not.toMatch(/(^|[\0/])\.\.?\//);
  expectNothingOutside();
});
