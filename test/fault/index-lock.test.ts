import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { keyFor, readIfThere } from '../support/census.js';
import { expectAnnexSound, expectGitSound, expectSound } from '../support/judge.js';
import { copyPair, makePair } from '../support/pair.js';
import { createScene, type Repository, type Scene } from '../support/scene.js';

let scene: Scene;
let here: Repository;
let origin: Repository;
let count = 0;

beforeAll(() => {
  scene = createScene({ resident: true });
  makePair(scene, ['one', 'two'], ['one']);
});
afterAll(() => scene.remove());
beforeEach(() => {
  ({ here, origin } = copyPair(scene, `case-${count++}`));
});

const lockOf = (repository: Repository) => join(repository.path, '.git/index.lock');

describe('while another program holds index.lock', () => {
  beforeEach(() => {
    here.git('status', '--porcelain');
    writeFileSync(lockOf(here), '');
  });

  test('add says that it could not, and running it again repairs that', () => {
    here.write('new', 'new\n');
    const ended = here.ours('add', 'new');
    expect(ended.status).toBe(1);
    expect(ended.stderr).toContain('index.lock');
    expect(ended.stderr).not.toMatch(/^\s+at /m);
    expect(readIfThere(here.file('new'))).toBe('new\n');
    expect(existsSync(lockOf(here)), "another program's lock is not ours to delete").toBe(true);
    rmSync(lockOf(here));
    here.must('ours', 'add', 'new');
    expect(here.git('diff', '--cached', '--name-status')).toBe('A\tnew');
    here.git('commit', '-qm', 'new');
    expect(here.must('real', 'lookupkey', 'new').trim()).toBe(keyFor('new\n'));
    expectSound(here);
  });

  test('sync fails to commit, says so, and loses nothing', () => {
    here.write('two-and-more', 'x\n');
    const ended = here.ours('sync');
    expect(ended.stdout + ended.stderr).toContain('index.lock');
    expect(existsSync(lockOf(here))).toBe(true);
    rmSync(lockOf(here));
    here.must('ours', 'sync');
    expectSound(here, { dirty: true });
  });

  test('get, drop and setpresentkey need no index', () => {
    here.must('ours', 'get', 'two');
    here.must('ours', 'drop', 'one');
    here.must('ours', 'setpresentkey', keyFor('two\n'), origin.git('config', 'annex.uuid'), '1');
    expect(existsSync(lockOf(here))).toBe(true);
    rmSync(lockOf(here));
    expectSound(here);
  });

  test('get and drop of an unlocked file change it, even when its index entry has to wait', () => {
    rmSync(lockOf(here));
    here.must('real', 'unlock', '--quiet', 'one', 'two');
    here.git('commit', '-qm', 'unlocked');
    writeFileSync(lockOf(here), '');
    here.must('ours', 'get', 'two');
    here.must('ours', 'drop', 'one');
    rmSync(lockOf(here));
    expect(readIfThere(here.file('two'))).toBe('two\n');
    expect(readIfThere(here.file('one'))).toMatch(/^\/annex\/objects\//);
    here.real('restage');
    here.git('add', '-u');
    expect(here.git('diff', '--cached', '--name-only')).toBe('');
    expectSound(here);
  });
});

test('a stale lock of the git-annex branch index is in nobody’s way', () => {
  writeFileSync(join(here.path, '.git/annex/index.lock'), '');
  writeFileSync(join(here.path, '.git/annex/index.lck'), 'garbage\n');
  here.must('ours', 'get', 'two');
  here.must('ours', 'numcopies', '1');
  expectSound(here);
});

test('a lock on the ref of the git-annex branch is reported, and what was done is kept', () => {
  const lock = join(here.path, '.git/refs/heads/git-annex.lock');
  writeFileSync(lock, '');
  here.ours('get', 'two');
  rmSync(lock);
  expect(readIfThere(here.file('two'))).toBe('two\n');
  here.must('ours', 'merge');
  expectGitSound(here);
  expectAnnexSound(here, { repairedLocations: 1 });
  expectSound(here);
});
