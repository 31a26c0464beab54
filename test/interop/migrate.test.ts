import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLockstep, type Lockstep } from '../support/lockstep.js';
import { createScene, type Repository, type Scene } from '../support/scene.js';

let scene: Scene;
let pair: Lockstep;

/** `here` is to be migrated; `other` is a clone that has the contents too. */
beforeAll(() => {
  scene = createScene({ resident: true });
  const here = scene.create('base/here');
  for (const name of ['a.txt', 'b.txt', 'd/c', 'open', 'absent']) here.write(name, `content of ${name}\n`);
  here.must('real', 'add', '-q', '.');
  here.write('sha1', 'sha1\n');
  here.must('real', 'add', '-q', '--backend=SHA1', 'sha1');
  here.must('real', 'unlock', '-q', 'open');
  here.git('commit', '-qm', 'files');
  here.must('real', 'metadata', '-q', 'a.txt', '-t', 'a', '-s', 'x=1');
  here.must(
    'real',
    'registerurl',
    '-q',
    here.must('real', 'lookupkey', 'a.txt').trim(),
    'http://example.com/1',
  );
  here.must('real', 'merge', '-q');
  const other = scene.clone('base/here', 'base/other');
  other.must('real', 'get', '-q', 'a.txt', 'd/c', 'sha1');
  here.must('real', 'drop', '-q', '--force', 'absent');
  pair = createLockstep(scene, 'base', 't', 'here');
}, 60_000);
afterAll(() => scene.remove());

/** The trees that commits grafted into the git-annex branch. */
const grafts = (repository: Repository) => {
  const shas = repository.git('log', '--reverse', '--format=%H', '--grep=^graft$', 'git-annex').split('\n');
  return shas.map((sha) => repository.git('ls-tree', '-r', sha, 'migrate.tree').split('\n'));
};

test('files get the keys that git-annex gives them, and other clones learn of it from either program', () => {
  for (const args of [
    ['migrate', 'sha1', 'absent'],
    ['migrate', '--backend=SHA256', 'a.txt', 'd'],
    ['migrate', '--backend=SHA256', 'a.txt', '--json'],
    ['migrate', '--remove-size', '--json', 'b.txt'],
    ['migrate', '--backend=WORM', '--include=b*'],
    ['migrate', '--backend=NOSUCH', 'b.txt'],
    ['migrate', '--update', 'b.txt'],
  ]) {
    pair.same(args);
  }
  // git-annex does not check an unlocked file's content before.
  pair.step(['migrate', '--backend=SHA512', 'open']);
  pair.agree();
  expect(grafts(pair.ours)).toEqual(grafts(pair.real));

  const clone = (repository: Repository) =>
    scene.repository(`${repository.path.slice(scene.directory.length + 1)}/../other`);
  const migrated = (repository: Repository, by: 'ours' | 'real') => {
    const other = clone(repository);
    other.git('fetch', '-q', 'origin');
    const said = other
      .must(by, 'migrate', '--update')
      .split('\n')
      .filter((line) => line.startsWith('migrate'));
    expect(other.must(by, 'migrate', '--update')).not.toContain('migrate');
    expect(other.must(by === 'ours' ? 'real' : 'ours', 'migrate', '--update')).not.toContain('migrate');
    return said.sort();
  };
  // What we recorded is read by git-annex, and the other way round.
  const byReal = migrated(pair.ours, 'real');
  const byOurs = migrated(pair.real, 'ours');
  expect(byOurs).toEqual(byReal);
  expect(byOurs).toHaveLength(3);
  expect(clone(pair.real).must('ours', 'migrate', '--apply')).not.toContain('migrate');

  // A sync does the same.
  pair.ours.must('real', 'migrate', '-q', '--backend=SHA512', 'd/c');
  expect(clone(pair.ours).must('ours', 'pull', '--content')).toMatch(/^migrate SHA512-.* ok$/m);
});
