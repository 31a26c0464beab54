import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectSound } from '../support/judge.js';
import { createScene, type Repository, type Scene } from '../support/scene.js';
import { locationsOf } from '../support/twins.js';

const scenes: Scene[] = [];
let base: Scene;

/** A repository with three files, a fourth that has the content of the first, and the remotes b, c and d, which have none. */
beforeAll(() => {
  base = createScene({ resident: true });
  scenes.push(base);
  const a = base.create('a');
  for (const name of ['f1', 'f2', 'f3']) a.write(name, `${name}\n`);
  a.write('f1dup', 'f1\n');
  a.must('real', 'add', '-q', '.');
  a.git('commit', '-qm', 'files');
  for (const name of ['b', 'c', 'd']) {
    base.clone('a', name);
    a.git('remote', 'add', name, `../${name}`);
  }
  a.must('real', 'sync', '-q');
  for (const name of ['b', 'c']) a.must('real', 'copy', '-q', '--to', name);
  a.must('real', 'sync', '-q');
});
afterAll(() => {
  for (const scene of scenes) scene.remove();
});

function fresh(): { scene: Scene; a: Repository } {
  const scene = createScene({ resident: true });
  scenes.push(scene);
  for (const name of ['a', 'b', 'c', 'd']) {
    scene.run('cp', ['-a', base.path(name), scene.path(name)], scene.directory);
  }
  return { scene, a: scene.repository('a') };
}

function want(repository: Repository, wishes: Readonly<Record<string, string>>): void {
  for (const [name, wish] of Object.entries(wishes)) repository.must('real', 'wanted', name, wish);
}

const outcomes: [string, Readonly<Record<string, string>>, (a: Repository) => void, string[]][] = [
  [
    'required content and numcopies',
    { '.': 'nothing', b: 'nothing', c: 'nothing' },
    (a) => {
      a.must('real', 'required', 'b', 'include=f2');
      a.must('real', 'numcopies', '2');
    },
    ['sync', '--content'],
  ],
  ['a file with the content of one that is wanted', { '.': 'include=f1dup' }, () => undefined, ['pull']],
  [
    'all keys',
    { '.': 'largerthan=1mb', b: 'nothing' },
    (a) => {
      a.git('rm', '-q', 'f1', 'f1dup');
      a.git('commit', '-qm', 'gone');
    },
    ['satisfy', '--all'],
  ],
  [
    'groups',
    {},
    (a) => {
      for (const [name, group] of [
        ['.', 'transfer'],
        ['b', 'client'],
        ['c', 'client'],
        ['d', 'backup'],
      ] as const) {
        a.must('real', 'group', name, group);
        a.must('real', 'wanted', name, 'standard');
      }
    },
    ['satisfy'],
  ],
  [
    'a balanced group whose members have room for some',
    { b: 'include=f*', c: 'balanced=g', d: 'balanced=g' },
    (a) => {
      for (let i = 0; i < 10; i++) a.write(`n${i}`, `${i}`.repeat(100));
      a.must('real', 'add', '-q', '.');
      a.git('commit', '-qm', 'more');
      for (const name of ['c', 'd']) {
        a.must('real', 'group', name, 'g');
        a.must('real', 'maxsize', name, '350 bytes');
      }
    },
    ['sync', '--content'],
  ],
];

it.each(outcomes)('content ends where git-annex would have it: %s', (_, wishes, prepare, command) => {
  const ends = (['real', 'ours'] as const).map((who) => {
    const { a } = fresh();
    want(a, wishes);
    prepare(a);
    const { status } = a.annex(who, ...command);
    return { status, locations: locationsOf(a), a };
  });
  const [real, ours] = ends;
  expect(ours?.locations).toEqual(real?.locations);
  expect(ours?.status).toBe(real?.status);
  const last = ours?.a as Repository;
  const again = last.ours(...command, '--json');
  expect(again.stdout.split('\n').filter((line) => /"(get|copy|drop)"/.test(line))).toEqual([]);
  expectSound(last);
});

it('assist adds, commits and sends, here only what is below a path', () => {
  const { a, scene } = fresh();
  mkdirSync(a.file('sub').toString());
  a.write('sub/new', 'new\n');
  a.write('other', 'other\n');
  const first = a.ours('assist', '-C', 'sub', '-m', 'mine');
  expect(first.status).toBe(0);
  expect(first.stdout).toMatch(/^add sub\/new .*ok$/m);
  expect(first.stdout).toMatch(/^copy sub\/new \(to d\.\.\.\) ok$/m);
  expect(a.git('status', '--porcelain')).toBe('?? other');
  expect(a.git('log', '-1', '--format=%s')).toBe('mine');
  mkdirSync(a.file('deep').toString());
  scene.annex('ours', ['assist', '--no-content'], a.file('deep').toString());
  expect(a.git('status', '--porcelain')).toBe('');
});

it('stops before committing that all files are gone, or more than allowed', () => {
  const { a } = fresh();
  const head = a.git('rev-parse', 'HEAD');
  const files = ['f1', 'f2', 'f3', 'f1dup'];
  for (const name of files) rmSync(a.file(name));
  const empty = a.ours('sync');
  expect(empty.status).toBe(1);
  expect(empty.stderr).toContain('all 4 files are gone from the work tree');
  expect(empty.stderr).toContain('--max-delete=100%');
  a.git('checkout', '--', 'f1', 'f2');
  expect(a.ours('sync', '--max-delete=1').stderr).toContain(
    '2 of 4 files would be deleted, more than 1 allows',
  );
  a.git('config', 'annex-ts.max-delete', '25%');
  expect(a.ours('sync').stderr).toContain('more than 25% allows');
  expect(a.git('rev-parse', 'HEAD')).toBe(head);
  expect(a.ours('sync', '--max-delete=x').stderr).toContain('--max-delete');
  expect(a.ours('sync', '--max-delete=50%').status).toBe(0);
  expect(a.git('ls-files').split('\n')).toEqual(['f1', 'f2']);
});

it('stops before merging more deletions than allowed, of files that are here', () => {
  const { a, scene } = fresh();
  const b = scene.repository('b');
  b.git('mv', 'f3', 'renamed');
  b.git('rm', '-q', 'f1', 'f2');
  b.git('commit', '-qm', 'two gone, one renamed');
  b.must('real', 'sync', '-q', '--no-content', 'origin');
  const head = a.git('rev-parse', 'HEAD');
  const stopped = a.ours('pull', '--no-content', '--max-delete=1');
  expect([stopped.status, a.git('rev-parse', 'HEAD')]).toEqual([1, head]);
  expect(stopped.stderr).toContain('not merged: 2 of 4 files would be deleted, more than 1 allows');
  a.git('rm', '-q', 'f2');
  a.git('commit', '-qm', 'one gone here, too');
  expect(a.ours('pull', '--no-content', '--max-delete=1').status).toBe(0);
  expect(a.git('ls-files').split('\n')).toEqual(['f1dup', 'renamed']);
});

it('stops before dropping more than allowed, and when all content is gone', () => {
  const { a } = fresh();
  want(a, { '.': 'nothing' });
  const before = locationsOf(a);
  const many = a.ours('satisfy', '--max-delete=2');
  expect([many.status, many.stdout]).toEqual([1, '']);
  expect(many.stderr).toContain('3 contents would be dropped, more than 2 allows');
  expect(locationsOf(a)).toEqual(before);
  const objects = join(a.gitDirectory, 'annex', 'objects');
  a.git('config', 'annex-ts.max-delete', '100%');
  want(a, { '.': 'anything' });
  a.must('real', 'satisfy');
  const kept = `${objects}-elsewhere`;
  base.run('mv', [objects, kept], a.path);
  mkdirSync(objects);
  const gone = a.ours('satisfy');
  expect(gone.status).toBe(1);
  expect(gone.stderr).toContain('all annexed content is gone');
  expect(readdirSync(objects)).toEqual([]);
  base.run('rmdir', [objects], a.path);
  base.run('mv', [kept, objects], a.path);
  expect(a.ours('satisfy').status).toBe(0);
});

it('names a drive that is not mounted', () => {
  const { a, scene } = fresh();
  base.run('chmod', ['-R', 'u+w', scene.path('b')], scene.directory);
  rmSync(scene.path('b'), { recursive: true });
  mkdirSync(scene.path('b'));
  const { status, stderr } = a.ours('sync');
  expect(status).toBe(1);
  expect(stderr).toMatch(/cannot access b: .*\/b is an empty folder/);
  expect(stderr).toContain('mounted?');
});

it('takes the next remote of a repository where the cheapest fails', () => {
  const { a, scene } = fresh();
  for (const name of ['c', 'd']) a.git('remote', 'remove', name);
  a.git('remote', 'add', 'near', scene.path('gone'));
  a.git('config', 'remote.near.annex-uuid', a.git('config', 'remote.b.annex-uuid'));
  a.git('config', 'remote.near.annex-cost', '50');
  a.must('real', 'drop', '--force', '-q', 'f2');
  a.write('f4', 'f4\n');
  a.must('real', 'add', '-q', 'f4');
  a.git('commit', '-qm', 'f4');
  expect(a.ours('satisfy').stdout).toContain('get f2 (from b...) ok\n');
  expect(a.must('ours', 'find', '--in', 'b', 'f4')).toBe('f4\n');
  want(a, { b: 'nothing' });
  a.ours('satisfy');
  expect(a.must('ours', 'find', '--in', 'b')).toBe('');
  expectSound(a);
});
