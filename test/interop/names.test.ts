import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { censusOf, workTree } from '../support/census.js';
import { expectSound } from '../support/judge.js';
import { createScene, must, type Repository, type Scene } from '../support/scene.js';
import { createTwins, type Twins } from '../support/twins.js';

/** File names a file system allows and programs trip over; byte strings. */
const NAMES = [
  'plain.txt',
  'new\nline',
  '\nfirst',
  'last\n',
  'tab\there',
  'return\r',
  '"quoted"',
  "it's",
  'back\\slash\\n',
  '-dash',
  '--json',
  '--',
  '-',
  ' lead',
  'trail ',
  ' ',
  ':colon',
  ':(glob)*',
  ':!plain.txt',
  '*?[a]',
  '#hash',
  '!bang',
  '~',
  'a...',
  'HEAD',
  '\xff\xfe',
  'caf\xc3\xa9.d\xc3\xa9',
  'caf\xe9.txt',
  'half\xc3',
  '\xf0\x9f\x8e\x89.tar.gz',
  '\xed\xa0\x80surrogate',
  '\xef\xbb\xbfbom',
  '\x01\x1b[31mred\x7f',
  'a&b;c|d$(touch pwned)`touch pwned`',
  '%s%n%',
  '${file}',
  'key.\xff',
  'k.\ne',
  'name.variant-1234.txt',
  'SHA256E-s1--00',
  'x'.repeat(255),
  `${'y'.repeat(251)}.txt`,
  `${'\xc3\xa9'.repeat(127)}z`,
  'dir\n1/-sub/\xfe\xff',
  '-d/--all',
  '\xff/\n',
];
/** All but those that git check-ignore, which git-annex asks in batches, refuses as pathspecs. */
const BATCH = NAMES.filter((name) => !/^:[(!]/.test(name));
/** git-annex answers a name with a newline in it (or return) with an empty line in most batches; we find the file. */
const LINES = BATCH.filter((name) => !/[\n\r]/.test(name));
const zero = (names: readonly string[]): string => names.map((name) => `${name}\0`).join('');

let scene: Scene;
let twins: Twins;
let count = 0;

beforeAll(() => {
  scene = createScene({ resident: true });
  const origin = scene.create('base/origin');
  write(origin);
  origin.must('real', 'add', '--quiet', '.');
  origin.git('commit', '-qm', 'names');
  scene.clone('base/origin', 'base/here').must('real', 'sync', '--quiet');
  scene.create('empty/here');
});
afterAll(() => scene.remove());

function write(repository: Repository): void {
  for (const [number, name] of NAMES.entries()) repository.write(name, `content ${number}\n`);
}

const byName = ([a]: readonly string[], [b]: readonly string[]) => ((a ?? '') < (b ?? '') ? -1 : 1);
const contents = new Map(NAMES.map((name, number) => [name, `content ${number}\n`]));

describe('add', () => {
  beforeEach(() => {
    twins = createTwins(scene, 'empty', `add-${count++}`);
    twins.both('here', write);
  });

  test.each([
    ['a folder', ['add', '--json', '.'], ''],
    ['operands', ['add', '--json', '--', ...NAMES], ''],
    ['a batch', ['add', '--json', '--batch', '-z'], zero(BATCH)],
    ['a folder, as text', ['add', '.'], ''],
    ['a batch of lines', ['add', '--json', '--batch'], LINES.join('\n')],
  ])('%s: the same records, index and objects as git-annex', (_, args, input) => {
    twins.same('here', args, { input });
    const ours = twins.ours('here');
    const added = new Set(ours.git('ls-files', '-z').split('\0').filter(Boolean));
    ours.git('commit', '-qm', 'names');
    expect(workTree(ours)).toEqual(new Map([...contents].filter(([name]) => added.has(name)).sort(byName)));
    expect(added.size).toBeGreaterThanOrEqual(
      input.includes('\0') ? BATCH.length : input ? 30 : NAMES.length,
    );
    expectSound(ours, { dirty: added.size < NAMES.length });
    expect(readdirSync(ours.path)).not.toContain('pwned');
  });
});

describe('in a clone', () => {
  beforeEach(() => {
    twins = createTwins(scene, 'base', `clone-${count++}`);
  });

  test('whereis, find and lookupkey answer as git-annex does', () => {
    twins.both('here', (here) => here.must('real', 'get', '--quiet', 'plain.txt', '*?[a]', 'HEAD', '-d'));
    for (const args of [
      ['whereis'],
      ['whereis', '--json'],
      ['whereis', '--', ...NAMES],
      ['find'],
      ['find', '--json', '--anything'],
      ['find', '--anything'],
      ['find', '--anything', '--print0'],
      ['find', '--anything', '--format', '${escaped_file} ${key}\\n'],
      ['find', '--anything', '--include', '*\n*'],
      ['find', '--anything', '--exclude', '*\xff*'],
      ['find', '--json', '--anything', '--', ...NAMES],
      ['find', '--not', '--in', 'here'],
      ['lookupkey', '--', ...LINES],
      ['fsck', '--fast', '--json'],
    ]) {
      twins.same('here', args);
    }
    for (const args of [
      ['whereis', '--batch', '-z', '--json'],
      ['find', '--batch', '-z', '--json', '--anything'],
      ['lookupkey', '--batch', '-z'],
    ]) {
      twins.same('here', args, { input: zero(LINES) });
    }
  });

  test('get, drop, copy and move do as git-annex does', () => {
    for (const args of [
      ['get', '--json', '.'],
      ['drop', '--json', '.'],
      ['get', '--', ...NAMES],
      ['copy', '--to', 'origin', '--json', '.'],
      ['move', '--to', 'origin', '--json', '.'],
      ['move', '--from', 'origin', '--', ...NAMES],
      ['drop', '--', ...NAMES],
      ['copy', '--to', 'origin', '.'],
    ]) {
      twins.same('here', args);
    }
    expect(workTree(twins.ours('here'))).toEqual(contents);
    expectSound(twins.ours('here'));
    expectSound(twins.ours('origin'));
  });

  test('batches of get, copy, move and drop do as git-annex does', () => {
    for (const args of [
      ['get', '--batch', '-z', '--json'],
      ['drop', '--batch', '-z', '--json'],
      ['get', '--batch', '-z'],
      ['copy', '--to', 'origin', '--batch', '-z', '--json'],
      ['move', '--to', 'origin', '--batch', '-z', '--json'],
      ['move', '--from', 'origin', '--batch', '-z', '--json'],
    ]) {
      twins.same('here', args, { input: zero(LINES) });
    }
    for (const name of LINES) expect(workTree(twins.ours('here')).get(name)).toBe(contents.get(name));
    expectSound(twins.ours('here'));
  });

  test('batches find names with newlines', () => {
    const names = BATCH.filter((name) => /[\n\r]/.test(name));
    const here = twins.ours('here');
    for (const [command, present] of [
      [['get'], true],
      [['whereis'], true],
      [['find'], true],
      [['drop'], false],
      [['move', '--from', 'origin'], true],
      [['copy', '--to', 'origin'], true],
      [['move', '--to', 'origin'], false],
    ] as const) {
      const args = [...command, '--batch', '-z', '--json'];
      const { stdout, status } = scene.annex('ours', args, here.path, { input: zero(names) });
      const records = stdout.trimEnd().split('\n');
      const files = records.map((record) => (JSON.parse(record) as { file: string }).file);
      expect({ status, files: files.length }, `${command}`).toEqual({ status: 0, files: names.length });
      for (const name of names) {
        expect(workTree(here).get(name), `${command}`).toBe(present ? contents.get(name) : undefined);
      }
    }
    expectSound(here);
  });

  test('sync brings new names, content and renames to the other side and back', () => {
    const [here, origin] = [twins.ours('here'), twins.ours('origin')];
    for (const [number, name] of NAMES.entries()) here.write(`more\n/${name}`, `more ${number}\n`);
    here.must('ours', 'add', '.');
    here.must('ours', 'sync', '--content');
    origin.must('ours', 'sync', '--content');
    expect(workTree(origin)).toEqual(workTree(here));
    expect([...workTree(origin).values()]).not.toContain(undefined);
    origin.git('mv', '--', 'more\n', '-moved\xff');
    origin.must('ours', 'sync', '--content');
    here.must('ours', 'sync', '--content');
    expect(workTree(here)).toEqual(workTree(origin));
    expect(censusOf(here)).toEqual(censusOf(origin));
    for (const repository of [here, origin]) expectSound(repository);
  });

  test('a folder with such a name can be the repository, the remote and where one stands', () => {
    const name = 'q"\n$(touch pwned) \xc3\xa9';
    const parent = scene.repository(
      twins.ours('here').path.slice(scene.directory.length + 1, -'/here'.length),
    );
    must(scene.run('mv', ['--', 'origin', name], parent.path), 'mv');
    const here = twins.ours('here');
    here.git('config', 'remote.origin.url', `../${name}`);
    here.must('ours', 'get', '.');
    here.must('ours', 'sync');
    const stands = join(here.path, 'dir\n1/-sub');
    expect(scene.annex('ours', ['find'], stands).stdout).toBe('\xfe\xff\n');
    expect(scene.annex('ours', ['drop', '--', '\xfe\xff'], stands).status).toBe(0);
    expectSound(here);
    expect(readdirSync(parent.path)).not.toContain('pwned');
  });
});
