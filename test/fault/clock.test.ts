import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { keyFor } from '../support/census.js';
import { expectSound } from '../support/judge.js';
import { copyPair, makePair } from '../support/pair.js';
import { createScene, type Repository, type Scene } from '../support/scene.js';
import { locationsOf } from '../support/twins.js';

const KEY = keyFor('one\n');
const FUTURE = '4102444800';
const THIRD = '11111111-2222-4333-8444-555555555555';

let scene: Scene;
let here: Repository;
let origin: Repository;
let count = 0;

beforeAll(() => {
  scene = createScene({ resident: true });
  makePair(scene, ['one'], ['one']);
});
afterAll(() => scene.remove());
beforeEach(() => {
  ({ here, origin } = copyPair(scene, `case-${count++}`));
});

const uuidOf = (repository: Repository) => repository.git('config', 'annex.uuid');
const logOf = (repository: Repository, key: string) => {
  const path = repository
    .git('ls-tree', '-r', '--name-only', 'git-annex')
    .split('\n')
    .find((name) => name.endsWith(`${key}.log`));
  return repository.git('show', `git-annex:${path}`).split('\n');
};

/** A change recorded by git-annex on a machine whose clock was ahead. */
function inTheFuture(repository: Repository, ...args: string[]): void {
  const env = { GIT_ANNEX_VECTOR_CLOCK: FUTURE };
  expect(scene.annex('real', args, repository.path, { env }).status).toBe(0);
  repository.must('real', 'merge', '--quiet');
}

/** The same for a location, which git-annex records only when it is news. */
function presentInTheFuture(repository: Repository, uuid: string): void {
  repository.must('real', 'setpresentkey', KEY, uuid, '0');
  inTheFuture(repository, 'setpresentkey', KEY, uuid, '1');
  expect(logOf(repository, KEY)).toContain(`${FUTURE}s 1 ${uuid}`);
}

describe('after a clock was set back', () => {
  test.each(['real', 'ours'] as const)('a drop and a get by %s supersede what the future says', (who) => {
    presentInTheFuture(here, uuidOf(here));
    here.must(who, 'drop', 'one');
    expect(locationsOf(here).get(KEY)).toEqual([uuidOf(origin)]);
    here.must(who === 'ours' ? 'real' : 'ours', 'get', 'one');
    expect(locationsOf(here).get(KEY)).toContain(uuidOf(here));
    here.must(who, 'drop', 'one');
    expect(locationsOf(here).get(KEY)).toEqual([uuidOf(origin)]);
    const own = logOf(here, KEY).filter((line) => line.includes(uuidOf(here)));
    expect(Math.max(...own.map((line) => Number.parseFloat(line)))).toBeGreaterThan(Number(FUTURE));
    expectSound(here);
  });

  test('setpresentkey, copy and drop --from supersede what the future says of others', () => {
    presentInTheFuture(here, THIRD);
    here.must('ours', 'setpresentkey', KEY, THIRD, '0');
    expect(locationsOf(here).get(KEY)).not.toContain(THIRD);
    presentInTheFuture(here, uuidOf(origin));
    here.must('ours', 'drop', '--from', 'origin', 'one');
    expect(locationsOf(here).get(KEY)).toEqual([uuidOf(here)]);
    here.must('ours', 'copy', '--to', 'origin', 'one');
    here.must('real', 'sync', '--quiet');
    expect(locationsOf(here).get(KEY)).toEqual([uuidOf(here), uuidOf(origin)].sort());
    expectSound(here);
    expectSound(origin);
  });

  test('settings supersede those of the future', () => {
    inTheFuture(here, 'numcopies', '3');
    inTheFuture(here, 'mincopies', '3');
    inTheFuture(here, 'untrust', 'origin');
    inTheFuture(here, 'describe', 'here', 'from the future');
    here.must('ours', 'numcopies', '2');
    here.must('ours', 'mincopies', '2');
    here.must('ours', 'trust', '--force', 'origin');
    here.must('ours', 'describe', 'here', 'now');
    for (const who of ['ours', 'real'] as const) {
      expect(here.must(who, 'numcopies')).toBe('2\n');
      expect(here.must(who, 'mincopies')).toBe('2\n');
      expect(here.must(who, 'whereis', 'one')).toContain('now [here]');
      expect(here.must(who, 'info', '--fast')).toMatch(/^trusted repositories: 1$/m);
    }
    expectSound(here);
  });

  test('a vector clock behind the log is moved past it', () => {
    presentInTheFuture(here, THIRD);
    const env = { GIT_ANNEX_VECTOR_CLOCK: '1000' };
    expect(scene.annex('ours', ['setpresentkey', KEY, THIRD, '0'], here.path, { env }).status).toBe(0);
    expect(locationsOf(here).get(KEY)).not.toContain(THIRD);
  });
});
