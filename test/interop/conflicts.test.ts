import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { expectSound } from '../support/judge.js';
import { createScene, type Repository, type Scene } from '../support/scene.js';

let scene: Scene;
let here: Repository;
let count = 0;

/** `here` after a sync of which came: two unlocked versions, two plain ones, two locked ones, a plain and an annexed one. */
beforeAll(() => {
  scene = createScene({ resident: true });
  const a = scene.create('start/a');
  a.write('one', 'one\n');
  a.must('real', 'add', '-q', '.');
  a.git('commit', '-qm', 'one');
  const b = scene.clone('start/a', 'start/b');
  for (const [repository, author, date] of [
    [a, 'Alice', '2026-01-01T10:00:00Z'],
    [b, 'Bob', '2026-02-02T10:00:00Z'],
  ] as const) {
    repository.git('config', 'user.name', author);
    const annexed = ['open.txt', 'd/locked', 'bad\xff.txt', ...(author === 'Alice' ? ['mixed'] : [])];
    for (const name of annexed) repository.write(name, `${author}\n`);
    repository.must('real', 'add', '-q', '.');
    repository.must('real', 'unlock', '-q', 'open.txt');
    repository.write('plain', `plain of ${author}\n`);
    if (author === 'Bob') repository.write('mixed', `mixed of ${author}\n`);
    repository.git('-c', 'annex.gitaddtoannex=false', 'add', '.');
    repository.git('-c', `user.email=${author}@x`, 'commit', '-q', `--date=${date}`, '-m', `of ${author}`);
  }
  b.must('ours', 'sync', '--content');
});
afterAll(() => scene.remove());
beforeEach(() => {
  scene.copy('start', `case${count}`);
  here = scene.repository(`case${count++}/b`);
});

interface Listed {
  readonly file: string;
  readonly versions: readonly {
    file: string;
    author: string;
    email: string;
    date: string;
    message: string;
    kind: string;
  }[];
}
const listed = (...args: string[]): Listed[] =>
  here
    .must('ours', 'conflicts', '--json', ...args)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(Buffer.from(line, 'latin1').toString()) as Listed);
const files = () => here.git('ls-files', '-z').split('\0').filter(Boolean);

it('lists the versions with who changed them when', () => {
  const all = listed();
  expect(all.map(({ file }) => file)).toEqual(['bad\ufffd.txt', 'd/locked', 'mixed', 'open.txt', 'plain']);
  const kinds = all.map(({ versions }) => versions.map(({ kind }) => kind).sort());
  expect(kinds).toEqual([
    ['locked', 'locked'],
    ['locked', 'locked'],
    ['locked', 'plain'],
    ['unlocked', 'unlocked'],
    ['plain', 'plain'],
  ]);
  for (const { versions } of all) {
    const who = versions
      .map(({ author, email, date, message }) => `${author} ${email} ${date} ${message}`)
      .sort();
    expect(who).toEqual([
      'Alice Alice@x 2026-01-01T10:00:00Z of Alice',
      'Bob Bob@x 2026-02-02T10:00:00Z of Bob',
    ]);
  }
  expect(listed('d').map(({ file }) => file)).toEqual(['d/locked']);
  const text = here.must('ours', 'conflicts', 'plain').split('\n');
  expect(text[0]).toBe('conflicts plain (2 versions) ');
  expect(text.find((line) => line.includes('Alice <Alice@x>'))).toMatch(
    /^ {2}plain\.variant-[0-9a-f]{4} {2}2026-01-01T10:00:00Z /,
  );
  expect(here.ours('conflicts', 'nosuch').status).toBe(1);
});

it('keeps the newest versions, and nothing is lost to the history', () => {
  const before = here.git('rev-parse', 'HEAD');
  here.must('ours', 'conflicts', '--keep-newest', '--dry-run');
  expect(here.git('status', '--porcelain')).toBe('');
  here.must('ours', 'conflicts', '--keep-newest');
  expect(files()).toEqual(['bad\xff.txt', 'd/locked', 'mixed', 'one', 'open.txt', 'plain']);
  for (const name of files()) {
    if (name !== 'one') expect(readFileSync(here.file(name), 'latin1')).toMatch(/Bob\n$/);
  }
  expect(readdirSync(here.path).filter((name) => name.includes('variant'))).toEqual([]);
  expect(here.git('rev-parse', 'HEAD')).toBe(before);
  expect(listed()).toEqual([]);
  here.must('ours', 'sync');
  expect(here.git('status', '--porcelain')).toBe('');
  expectSound(here);
});

it('keeps the one that is chosen, and all of another', () => {
  const version = (file: string, author: string) =>
    listed(file)[0]?.versions.find((one) => one.author === author)?.file ?? '';
  here.must('ours', 'conflicts', '--keep', version('open.txt', 'Alice'), '--keep', version('plain', 'Alice'));
  here.must('ours', 'conflicts', '--keep-all', 'd/locked', 'mixed');
  const contents = Object.fromEntries(
    ['open.txt', 'plain', 'd/locked', 'd/locked-2', 'mixed', 'mixed-2'].map((name) => [
      name,
      readFileSync(here.file(name), 'latin1'),
    ]),
  );
  expect(contents).toEqual({
    'open.txt': 'Alice\n',
    plain: 'plain of Alice\n',
    'd/locked': 'Bob\n',
    'd/locked-2': 'Alice\n',
    mixed: 'mixed of Bob\n',
    'mixed-2': 'Alice\n',
  });
  here.must('ours', 'sync');
  expect(listed().map(({ file }) => file)).toEqual(['bad\ufffd.txt']);
  here.must('real', 'drop', '--force', '-q', 'open.txt', 'd/locked-2');
  here.must('real', 'get', '-q', '.');
  expectSound(here);
});

it('removes nothing that is not committed', () => {
  const [open, plain] = [listed('open.txt')[0]?.versions[1]?.file ?? '', 'plain'];
  here.write(open, 'not committed\n');
  here.write(plain, 'in the way\n');
  const ended = here.ours('conflicts', '--keep-newest');
  expect(ended.status).toBe(1);
  expect(ended.stderr).toContain(`${open} has changes that are not committed`);
  expect(ended.stderr).toContain('plain is in the way');
  expect(readFileSync(here.file(open), 'latin1')).toBe('not committed\n');
  expect(readFileSync(here.file(plain), 'latin1')).toBe('in the way\n');
  expect(files()).toHaveLength(8);
  expect(here.ours('conflicts', '--keep', 'one').status).toBe(1);
});
