import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLockstep, type Lockstep } from '../support/lockstep.js';
import { createScene, type Repository, type Scene } from '../support/scene.js';

let scene: Scene;
let pair: Lockstep;

beforeAll(() => {
  scene = createScene({ resident: true });
  const here = scene.create('base/here');
  here.write('known', 'known\n');
  here.write('gone', 'gone\n');
  here.write('.gitignore', '*.ign\n');
  here.must('real', 'add', '-q', '.');
  here.git('commit', '-qm', 'files');
  here.must('real', 'drop', '-q', '--force', 'gone');
  pair = createLockstep(scene, 'base', 't', 'here');
}, 60_000);
afterAll(() => scene.remove());

const folder = (repository: Repository) => join(repository.path, '../from');
/** Files to import: new ones, one that is known and here, one that is known and lost. */
function fill(prefix: string) {
  pair.both((repository) => {
    const from = folder(repository);
    mkdirSync(join(from, 'sub/deep'), { recursive: true });
    const write = (name: string, content: string) => writeFileSync(join(from, name), content);
    write(`${prefix}new 1`, `${prefix} one\n`);
    write(`sub/${prefix}new2.txt`, `${prefix} two\n`);
    write('sub/deep/dup', 'known\n');
    write('lost', 'gone\n');
    write('x.ign', 'ignored\n');
    if (!readdirSync(from).includes('link')) symlinkSync('lost', join(from, 'link'));
  });
}
const left = (repository: Repository) =>
  readdirSync(folder(repository), { recursive: true }).map(String).sort();

test.each([
  ['a', []],
  ['b', ['--duplicate', '--json', '--no-check-gitignore', '--force']],
  ['c', ['--deduplicate']],
  ['d', ['--clean-duplicates']],
  ['e', ['--skip-duplicates', '--include=*new*']],
  ['f', ['--reinject-duplicates', '--backend=SHA1', '-c', 'annex.largefiles=largerthan=6b']],
])('import %s %j', (prefix, options) => {
  fill(prefix);
  pair.same(['import', ...options, '../from'], { anyOrder: true });
  expect(left(pair.ours)).toEqual(left(pair.real));
});

test('what is in the way stays, and so does what would be imported', () => {
  fill('g');
  pair.both((repository) => {
    repository.git('reset', '-q', '--hard');
    repository.git('clean', '-qfdx');
    repository.write('gnew2.txt', 'mine\n');
    repository.write('sub', 'no folder\n');
  });
  pair.same(['import', '../from/sub/gnew2.txt']);
  const { real, ours } = pair.step(['import', '../from/sub']);
  expect(ours.status).toBe(real.status);
  pair.same(['import', 'known']);
  pair.same(['import', '../from/link']);
  expect(pair.ours.ours('import', '../nosuch').status).toBe(1);
  expect(left(pair.ours)).toEqual(left(pair.real));
  pair.agree();
});
