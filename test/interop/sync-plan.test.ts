import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createScene, type Repository, type Scene } from '../support/scene.js';

let scene: Scene;
let a: Repository;

/** a, with the remotes b and c, wishes that ask for all kinds of steps, and news on both sides. */
beforeAll(() => {
  scene = createScene();
  a = scene.create('a');
  for (const name of ['f1', 'f2', 'f3', 'f4']) a.write(name, `${name}\n`);
  a.must('real', 'add', '-q', '.');
  a.git('commit', '-qm', 'files');
  for (const name of ['b', 'c']) {
    scene.clone('a', name);
    a.git('remote', 'add', name, `../${name}`);
  }
  a.must('real', 'sync', '-q');
  a.must('real', 'move', '-q', '--to', 'b', 'f1', 'f2');
  a.must('real', 'copy', '-q', '--to', 'b', 'f4');
  a.must('real', 'wanted', '.', 'exclude=f2 and exclude=f4');
  a.must('real', 'wanted', 'b', 'nothing');
  a.must('real', 'wanted', 'c', 'include=f3');
  a.must('real', 'required', 'b', 'include=f2');
  const b = scene.repository('b');
  b.write('theirs', 'theirs\n');
  b.must('real', 'add', '-q', 'theirs');
  b.git('commit', '-qm', 'theirs');
  a.git('fetch', '-q', 'c');
  a.write('mine', 'mine\n');
  a.must('real', 'add', '-q', 'mine');
  a.git('status');
});
afterAll(() => scene.remove());

/** Every file and folder with its content, mode, owner and times. */
function fingerprint(folder: string): string[] {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      const { mode, mtimeMs, ctimeMs, ino } = lstatSync(path);
      const own = [path, mode, mtimeMs, ctimeMs, ino];
      if (lstatSync(path).isDirectory()) return [own.join(' '), ...fingerprint(path)];
      const content = lstatSync(path).isSymbolicLink() ? readlinkSync(path) : readFileSync(path);
      return [[...own, createHash('sha1').update(content).digest('hex')].join(' ')];
    });
}

const records = (text: string) =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, string>);

it('says what will be done and why, touches nothing, and is right', () => {
  const before = fingerprint(scene.directory);
  const text = a.ours('sync', '--content', '--dry-run');
  const json = a.ours('sync', '--content', '--dry-run', '--explain', '--json');
  const check = a.ours('sync', '--check');
  const checkJson = a.ours('sync', '--check', '--json');
  expect(fingerprint(scene.directory)).toEqual(before);

  expect(text.stdout.split('\n').filter((line) => !/^(push|pull)/.test(line))).toEqual([
    'commit 1 file',
    'get f1 from b (3 B)',
    'put f3 to c (3 B)',
    'drop f1 from b (3 B)',
    'drop f4 from b (3 B)',
    'keep f4 here: not wanted there, but too few copies elsewhere (3 B)',
    'total: get 1 file (3 B), put 1 file (3 B), drop 2 files (6 B), keep 1 file (3 B)',
    '',
  ]);
  expect(text.stdout).toMatch(/^pull b (?!git-annex)\S+ \(new there, not fetched yet\)$/m);
  expect(text.stdout).toMatch(/^push c git-annex -> synced\/git-annex \(\d+ commits?\)$/m);

  const steps = records(json.stdout);
  const drop = steps.find(({ action, file }) => action === 'drop' && file === 'f4');
  expect(drop).toMatchObject({ remote: 'b', bytes: 3, 'dry-run': true });
  expect(drop?.because).toContain('nothing[FALSE]');
  expect(steps.find(({ action, file }) => action === 'put' && file === 'f3')?.because).toBe(
    'include=f3[TRUE]',
  );

  const kept = steps.find(({ action, file }) => action === 'keep' && file === 'f2');
  expect(kept?.because).toContain('include=f2[TRUE]');

  expect([check.status, text.status, json.status]).toEqual([2, 0, 0]);
  expect(check.stdout).toMatch(/^c: 0% \(0 of 1 files, 0 B of 3 B\)$/m);
  expect(records(checkJson.stdout).at(-1)).toMatchObject({ check: true, summary: { 'in-sync': false } });

  const done = records(a.ours('sync', '--content', '--json').stdout).flatMap((record) => {
    const action = { get: 'get', copy: 'put', drop: 'drop' }[record.command as string];
    return action === undefined || record.file === 'theirs' ? [] : [`${action} ${record.file}`];
  });
  const planned = steps.filter(({ action }) => ['get', 'put', 'drop'].includes(action as string));
  expect(done.sort()).toEqual(planned.map(({ action, file }) => `${action} ${file}`).sort());
});

it('finds all in sync when it is', () => {
  expect(a.ours('sync', '--content').status).toBe(0);
  a.must('real', 'wanted', '.', '');
  a.must('real', 'wanted', 'b', 'include=f1');
  for (let i = 0; i < 2; i++) a.ours('sync', '--content');
  const { status, stdout } = a.ours('sync', '--check');
  expect(stdout).toContain('here: 100% (6 of 6 files');
  expect([status, stdout.split('\n').at(-2)]).toEqual([0, 'all is in sync']);
  scene.run('mv', [scene.path('c'), scene.path('gone')], scene.directory);
  expect(a.ours('sync', '--check').status).toBe(1);
});
