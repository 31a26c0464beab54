import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { censusOf, intactAnywhere, keyFor, readIfThere } from '../support/census.js';
import { expectGitSound, expectSound } from '../support/judge.js';
import { fillUpTo, type Mount, mountSmall } from '../support/mounts.js';
import { createScene, type Ended, type Repository, type Scene } from '../support/scene.js';

const FILES = Array.from({ length: 30 }, (_, number) => `file-${number}`);
/** Big enough to need several blocks, all different. */
const contentOf = (name: string) => `${name}\n`.repeat(1500);
const CONTENTS = new Map(FILES.map((name) => [name, contentOf(name)]));
const KEYS = [...CONTENTS.values()].map((content) => keyFor(content));
/** Bytes left on the disk when the work begins: none, room for some steps, room for some files. */
const ROOMS = [0, 24, 160].map((kilobytes) => kilobytes * 1024);

let scene: Scene;
let disk: Mount;
let small: Repository;
let big: Repository;
let count = 0;

beforeAll(() => {
  scene = createScene({ resident: true });
  const first = scene.create('big');
  for (const [name, content] of CONTENTS) first.write(name, content);
  first.must('real', 'add', '--quiet', '.');
  first.git('commit', '-qm', 'files');
  scene.create('empty');
  scene.clone('big', 'clone');
  for (const name of ['empty', 'clone']) scene.repository(name).git('config', 'annex.diskreserve', '0');
});
afterAll(() => scene.remove());
beforeEach(() => {
  const name = `case-${count++}`;
  disk = mountSmall(scene.path(name), 6 << 20);
  scene.run('cp', ['-a', scene.path('big'), scene.path(name, '..', `${name}-big`)], scene.directory);
  big = scene.repository(`${name}-big`);
});
afterEach(() => disk.unmount());

/** A repository on the small disk. */
function onDisk(which: 'empty' | 'clone'): Repository {
  scene.run('cp', ['-a', scene.path(which), `${disk.path}/`], scene.directory);
  const repository = scene.repository(`${disk.path.slice(scene.directory.length + 1)}/${which}`);
  if (which === 'clone') repository.git('remote', 'set-url', 'origin', big.path);
  return repository;
}

function expectHonest(ended: Ended, done: boolean, what: string): void {
  const text = `${what}\n${ended.stdout}\n${ended.stderr}`;
  expect(ended.status, text).toBe(done ? 0 : 1);
  expect(ended.stdout + ended.stderr, text).not.toMatch(/^\s+at /m);
  if (!done) expect(ended.stdout + ended.stderr, text).toMatch(/disk|space|ENOSPC|write|index|failed/i);
}

describe.each(ROOMS)('with %i bytes left', (room) => {
  test.each([
    ['locked', 'false'],
    ['unlocked', 'true'],
  ])('add (%s) loses nothing, says so, and finishes when run again', (_, addunlocked) => {
    small = onDisk('empty');
    small.git('config', 'annex.addunlocked', addunlocked);
    for (const [name, content] of CONTENTS) small.write(name, content);
    const free = fillUpTo(disk, room);
    const ended = small.ours('add', '.');
    for (const [name, content] of CONTENTS) expect(readIfThere(small.file(name)), name).toBe(content);
    expect(censusOf(small).damaged).toEqual([]);
    const staged = small.git('ls-files').split('\n').filter(Boolean).length;
    expectHonest(ended, staged === FILES.length && ended.status === 0, 'add');
    free();
    expectGitSound(small);
    small.must('ours', 'add', '.');
    small.git('commit', '-qm', 'files');
    expect(censusOf(small).intact).toEqual([...KEYS].sort());
    expectSound(small);
  });

  test('get loses nothing, records nothing false, and finishes when run again', () => {
    small = onDisk('clone');
    const free = fillUpTo(disk, room);
    const ended = small.ours('get', '.');
    const { intact, damaged } = censusOf(small);
    expect(damaged).toEqual([]);
    expectHonest(ended, intact.length === FILES.length && ended.status === 0, 'get');
    expect(intact.length).toBeLessThan(FILES.length);
    free();
    expectGitSound(small);
    small.must('ours', 'get', '.');
    expect(censusOf(small).intact).toEqual([...KEYS].sort());
    expectSound(small);
    expectSound(big);
  });

  test('copies to a full disk lose nothing, record nothing false, and finish when run again', () => {
    small = onDisk('clone');
    big.git('remote', 'add', 'small', small.path);
    big.must('real', 'sync', '--quiet', '--no-push');
    const free = fillUpTo(disk, room);
    const ended = big.ours('move', '--to', 'small', '.');
    expectHonest(ended, false, 'move');
    expect([...intactAnywhere([big, small])].sort()).toEqual([...KEYS].sort());
    expect(censusOf(small).damaged).toEqual([]);
    free();
    big.must('ours', 'move', '--to', 'small', '.');
    expect(censusOf(small).intact).toEqual([...KEYS].sort());
    expect(censusOf(big).intact).toEqual([]);
    big.must('ours', 'sync');
    small.must('ours', 'sync');
    expectSound(small);
    expectSound(big);
  });

  test('drop, sync and commits on a full disk lose nothing and finish when run again', () => {
    small = onDisk('clone');
    small.must('real', 'get', '--quiet', ...FILES.slice(0, 10));
    small.write('note', 'a note\n');
    small.git('add', 'note');
    // git-annex's own filter waits for ever for room in its database.
    for (const [name, args] of Object.entries({
      process: 'filter-process',
      clean: 'smudge --clean -- %f',
      smudge: 'smudge -- %f',
    })) {
      small.git('config', `filter.annex.${name}`, `git-annex-ts ${args}`);
    }
    const free = fillUpTo(disk, room);
    const drop = small.ours('drop', ...FILES.slice(0, 5));
    const sync = small.ours('sync', '--no-content');
    const number = small.ours('numcopies', '1');
    for (const [what, ended] of Object.entries({ drop, sync, number })) {
      expectHonest(ended, ended.status === 0, what);
    }
    expect([...intactAnywhere([big, small])].sort()).toEqual([...KEYS].sort());
    free();
    small.must('ours', 'drop', ...FILES.slice(0, 5));
    small.must('ours', 'numcopies', '1');
    small.must('ours', 'sync');
    expect(censusOf(small).intact.length).toBe(5);
    expect(small.git('show', 'HEAD:note')).toBe('a note');
    expectSound(small, { repairedLocations: drop.status === 0 ? 0 : 5 });
    expectSound(big);
  });
});

test('a repository whose .git is full, not its work tree: add keeps the files', () => {
  disk.unmount();
  disk = mountSmall(disk.path, 3 << 20);
  small = scene.repository(`${disk.path.slice(scene.directory.length + 1)}-work`);
  scene.run('cp', ['-a', scene.path('empty'), small.path], scene.directory);
  scene.run('mv', [`${small.path}/.git`, `${disk.path}/real.git`], scene.directory);
  scene.run('ln', ['-s', `${disk.path}/real.git`, `${small.path}/.git`], scene.directory);
  const film = 'film'.repeat(1_000_000);
  small.write('film', film);
  small.write('small', 'small\n');
  const ended = small.ours('add', '.');
  expect(ended.status).toBe(1);
  expect(readIfThere(small.file('film'))).toBe(film);
  expect(readIfThere(small.file('small'))).toBe('small\n');
  expect(censusOf(small).damaged).toEqual([]);
});
