import { mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLockstep, type Lockstep } from '../support/lockstep.js';
import { createScene, type Repository, type Scene } from '../support/scene.js';

let scene: Scene;
let pair: Lockstep;

const NAMES = [
  'top.txt',
  'd/a.tar.gz',
  'd/e/b_%x%.mp3',
  'd/.dot.ext',
  'w%\\d/c.verylong',
  'un.bin',
  'bad\xff/x.a..b',
];

beforeAll(() => {
  scene = createScene({ resident: true });
  const here = scene.create('base/here');
  for (const name of NAMES) here.write(name, `content of ${name}\n`);
  here.must('real', 'add', '-q', '.');
  here.must('real', 'unlock', '-q', 'un.bin');
  here.write('.gitattributes', '* annex.largefiles=anything\n');
  here.write('.config/x', 'x');
  here.write('plain', 'plain');
  here.git('-c', 'annex.largefiles=nothing', 'add', '.gitattributes', '.config', 'plain');
  here.git('commit', '-qm', 'files');
  const set = (name: string, ...fields: string[]) =>
    here.must('real', 'metadata', '-q', name, ...fields.flatMap((field) => ['-s', field]));
  set('top.txt', 'tag+=a', 'tag+=b', 'year=2014', 'a\xc3\xb1o=\xc3\xb1"\\\n');
  set('d/a.tar.gz', 'tag+=a', 'year=2015', 'x=a/b%c\\d', 'x+=..', 'x+=.git', 'x+=.');
  set('d/e/b_%x%.mp3', 'tag=C', 'year=2016', 'x=');
  pair = createLockstep(scene, 'base', 't', 'here');
}, 60_000);
afterAll(() => scene.remove());

const logOf = (repository: Repository) => readFileSync(join(repository.path, '.git/annex/viewlog'), 'latin1');
/** Branch, files, views entered: all that a view is. */
const viewOf = (repository: Repository) => ({
  status: repository.git('status', '--porcelain', '--branch').split('\n'),
  files: repository.git('ls-files', '-s').split('\n'),
  message: repository.git('log', '-1', '--format=%B%P'),
  log: logOf(repository),
});

function sameView(...args: string[]) {
  const { real, ours } = pair.step(args);
  expect(ours.status, args.join(' ')).toBe(real.status);
  expect(viewOf(pair.ours), args.join(' ')).toEqual(viewOf(pair.real));
}

test.each([
  [['?c', 'x=*', '!b', 'a\xc3\xb1o?=*']],
  [['year=2014', 'year=2015', '/=*', 'd/?=*', 'year!=2016']],
])('view %j', (words) => {
  sameView('view', ...words);
  sameView('vpop');
});

test('views are refined, cycled and left', () => {
  const commands = [
    ['view', 'year=*'],
    ['vadd', 'tag=*'],
    ['vadd', 'year=20*'],
    ['vcycle'],
    ['vfilter', 'year!=2016', 'a'],
    ['vadd', '/=*'],
    ['vpop', '2'],
    ['vpop', '99'],
    ['vadd', 'x'],
  ];
  for (const args of commands) sameView(...args);
  expect(pair.ours.git('rev-parse', '--abbrev-ref', 'HEAD')).toBe('main');
  pair.both((repository) => repository.git('rm', '-q', '--cached', 'plain'));
  const { real, ours } = pair.step(['view', 'b']);
  expect(ours.status).toBe(real.status);
  expect(ours.stderr).toContain('Not safe to enter view.');
  pair.both((repository) => repository.git('reset', '-q', '--hard'));
});

test('committing moves in a view changes metadata, whichever program runs the hook', () => {
  sameView('view', 'tag=*', 'year?=*');
  pair.ours.write('.git/hooks/pre-commit', '#!/bin/sh\nexec git-annex-ts pre-commit .\n');
  const say: string[] = [];
  pair.both((repository) => {
    const at = (name: string) => join(repository.path, name);
    mkdirSync(at('new/_'), { recursive: true });
    mkdirSync(at('a%%b/1999'), { recursive: true });
    renameSync(at('a/2014/top.txt'), at('new/_/top.txt'));
    renameSync(at('b/2014/top.txt'), at('b/odd'));
    renameSync(at('a/2015/a_%d%.tar.gz'), at('a%%b/1999/q'));
    repository.git('add', '-A', '.');
    const env = { GIT_ANNEX_VECTOR_CLOCK: '2100000000' };
    const { stderr, stdout } = scene.run('git', ['commit', '-m', 'moved'], repository.path, { env });
    const text = (stdout + stderr).replace(/\[views.*\] moved/g, '').replace(/[ \t]+$/gm, '');
    say.push(text.replace(/\n\n+/g, '\n'));
  });
  expect(say[1]).toBe(say[0]);
  expect(say[1]).toContain('tag+=a%b');
  sameView('vpop');
  pair.agree();
});
