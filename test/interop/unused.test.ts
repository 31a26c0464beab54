import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keyFor } from '../support/census.js';
import { createLockstep, type Lockstep } from '../support/lockstep.js';
import { createScene, type Ended, type Repository, type Scene } from '../support/scene.js';

let scene: Scene;
let pair: Lockstep;

/** `here` has six contents, of which old commits, a tag, a side branch and untracked files use some; `b` has all. */
beforeAll(() => {
  scene = createScene({ resident: true });
  const here = scene.create('base/here');
  scene.create('base/b');
  for (const n of [1, 2, 3, 4, 5, 6]) here.write(`f${n}`, `content${n}\n`);
  here.must('real', 'add', '-q', '.');
  here.git('commit', '-qm', 'all');
  here.git('remote', 'add', 'b', '../b');
  here.must('real', 'copy', '-q', '--to=b', '.');
  here.git('rm', '-q', 'f1');
  here.git('commit', '-qm', 'without f1');
  here.git('branch', 'side');
  here.git('rm', '-q', 'f2', 'f3', 'f4', 'f5');
  here.git('commit', '-qm', 'without most');
  here.git('tag', '-a', '-m', 'tag', 'tagged');
  here.write('loose', 'content of a link git does not know\n');
  here.write('open', 'content of an unlocked file git does not know\n');
  here.must('real', 'add', '-q', 'loose');
  here.must('real', 'add', '-q', '-c', 'annex.addunlocked=true', 'open');
  here.git('reset', '-q');
  pair = createLockstep(scene, 'base', 't', 'here');
}, 60_000);
afterAll(() => scene.remove());

const annexFile = (repository: Repository, name: string) => join(repository.path, '.git/annex', name);
const listOf = (repository: Repository, name = 'unused') =>
  readFileSync(annexFile(repository, name), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split(' ')[1])
    .sort();
/** Numbers follow the order of a directory in git-annex; without them the same keys must be listed. */
const withoutNumbers = (text: string) =>
  text
    .replace(/^ {4}\d+ +/gm, '')
    .replace(/[ \t]+$/gm, '')
    .split('\n')
    .sort();

function sameList(...args: string[]) {
  const { real, ours } = pair.step(['unused', ...args]);
  expect(withoutNumbers(ours.stdout), args.join(' ')).toEqual(withoutNumbers(real.stdout));
  expect(ours.status).toBe(real.status);
  expect(listOf(pair.ours)).toEqual(listOf(pair.real));
  return ours.stdout;
}

test('the same contents are unused, by every way to say what is used', () => {
  sameList();
  sameList('--used-refspec=+refs/heads/main');
  expect(listOf(pair.ours)).toHaveLength(5);
  sameList('--used-refspec=+refs/heads/*:-refs/heads/side');
  sameList('--used-refspec=+HEAD:+HEAD^');
  sameList('--used-refspec=+refs/tags/*');
  sameList('--from=b', '--used-refspec=+refs/heads/main');
  sameList('--fast');
  pair.same(['unused', '--used-refspec=bogus']);
  pair.same(['unused', '--from=nosuch']);
  pair.both((repository) => repository.git('config', 'annex.used-refspec', '+refs/heads/main'));
  pair.both((repository) => {
    mkdirSync(annexFile(repository, 'bad'), { recursive: true });
    mkdirSync(annexFile(repository, 'tmp'), { recursive: true });
    writeFileSync(annexFile(repository, `tmp/${keyFor('content6\n')}`), 'useless');
    writeFileSync(annexFile(repository, 'tmp/SHA256E-s100--aaaa'), 'partial');
    writeFileSync(annexFile(repository, 'bad/SHA256E-s7--bbbb'), 'bad');
    writeFileSync(annexFile(repository, 'tmp/other'), 'other');
  });
  sameList('-q');
  sameList();
  for (const name of ['badunused', 'tmpunused']) {
    expect(listOf(pair.ours, name)).toEqual(listOf(pair.real, name));
  }
  expect(existsSync(annexFile(pair.ours, `tmp/${keyFor('content6\n')}`))).toBe(false);
  const { real, ours } = pair.step(['unused', '--json']);
  const fields = (text: string) => {
    const { note, 'unused-list': list, ...rest } = JSON.parse(text) as Record<string, string | object>;
    return { ...rest, keys: Object.values(list as object).sort(), lines: withoutNumbers(String(note)) };
  };
  expect(fields(ours.stdout).keys).toEqual(fields(real.stdout).keys);
  expect({ ...fields(ours.stdout), lines: 0 }).toEqual({ ...fields(real.stdout), lines: 0 });
});

test('what is unused is added back and dropped by its number', () => {
  const list = readFileSync(annexFile(pair.real, 'unused'));
  writeFileSync(annexFile(pair.ours, 'unused'), list);
  for (const args of [
    ['addunused', '2'],
    ['addunused', '2'],
    ['addunused', '3-4', '--json'],
    ['addunused', '99'],
    ['addunused', 'x'],
    ['addunused', '6'],
    ['dropunused', '--from=b', '1'],
    ['dropunused', '--from=b', '1', '--json'],
    ['dropunused', '--from=nosuch', '1'],
    ['dropunused', '1', '2'],
    ['dropunused', '2-3', '--json'],
    ['dropunused', '5-3'],
    ['dropunused', '0-2'],
    ['dropunused', '1', '--force'],
  ]) {
    pair.same(args);
  }
  // git-annex leaves what it did before a wrong number in the journal, and records it with the next command.
  for (const last of ['4-100', 'all']) {
    const { real, ours } = pair.step(['dropunused', last]);
    const told = ({ stdout }: Ended) => stdout.replace('(recording state in git...)\n', '');
    expect(told(ours)).toBe(told(real));
    expect(ours.status).toBe(real.status);
  }
  pair.agree();
  expect(existsSync(annexFile(pair.ours, 'tmp/SHA256E-s100--aaaa'))).toBe(false);
  expect(existsSync(annexFile(pair.ours, 'bad/SHA256E-s7--bbbb'))).toBe(false);
});

test('dropkey drops by force only', () => {
  const key = keyFor('content6\n');
  pair.same(['dropkey', key]);
  pair.same(['dropkey', '--force', key, key]);
  pair.same(['dropkey', '--force', '--batch', '--json'], { input: `${key}\nbad\n` });
  pair.same(['dropkey', '--force', 'bad']);
  pair.agree();
});
