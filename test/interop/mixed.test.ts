import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { censusOf, keyFor, workTree } from '../support/census.js';
import { expectSound } from '../support/judge.js';
import { type Annex, createScene, must, type Repository, type Scene } from '../support/scene.js';

let scene: Scene;
let count = 0;

beforeAll(() => {
  scene = createScene({ resident: true });
});
afterAll(() => scene.remove());

/** Whose turn it is: always one program, or both in turn. */
const PLAYS: Record<string, readonly Annex[]> = {
  'git-annex, then us': ['real', 'ours'],
  'us, then git-annex': ['ours', 'real'],
};

/** Runs the steps, each by whose turn it is. After each the judges must agree about the repository it was made in. */
function play(turns: readonly Annex[]) {
  let turn = 0;
  const next = (): Annex => turns[turn++ % turns.length] ?? 'ours';
  return {
    next,
    step(
      repository: Repository,
      args: readonly string[],
      judged: readonly Repository[] = [repository],
    ): void {
      repository.must(next(), ...args);
      for (const one of judged) expectSound(one);
    },
  };
}

function fill(repository: Repository, ...names: string[]): void {
  for (const name of names) repository.write(name, `${name}\n`);
}

const keys = (...names: string[]) => names.map((name) => keyFor(`${name}\n`)).sort();

describe.each(Object.entries(PLAYS))('%s', (_, turns) => {
  test('one repository, a clone of it, and a bare one between two', () => {
    const folder = `plain-${count++}`;
    const { step, next } = play(turns);
    const first = scene.create(`${folder}/first`, { by: next() });
    fill(first, 'a', 'b', 'c');
    first.must(next(), 'add', '.');
    first.git('commit', '-qm', 'files');
    expectSound(first);
    const bare = scene.clone(`${folder}/first`, `${folder}/bare`, { by: next(), bare: true });
    bare.git('remote', 'remove', 'origin');
    first.git('remote', 'add', 'bare', '../bare');
    step(first, ['sync']);
    step(first, ['copy', '--to', 'bare', 'a', 'b']);
    step(first, ['drop', 'a']);
    const second = scene.clone(`${folder}/bare`, `${folder}/second`, { by: next() });
    const all = [first, bare, second];
    step(second, ['get', 'b', 'a']);
    step(second, ['sync']);
    step(second, ['move', '--to', 'origin', 'a'], [second, bare]);
    step(second, ['sync']);
    step(first, ['sync']);
    step(first, ['move', '--to', 'bare', 'b'], [first, bare]);
    step(first, ['sync']);
    step(second, ['drop', 'b']);
    step(second, ['sync', '--content'], all);
    expect(censusOf(first).intact).toEqual(keys('c'));
    expect(censusOf(bare).intact).toEqual(keys('a', 'b'));
    expect(censusOf(second).intact).toEqual(keys('a', 'b'));
    step(first, ['sync', '--content']);
    step(second, ['sync', '--content'], all);
    for (const one of all) {
      expect(censusOf(one).intact).toEqual(keys('a', 'b', 'c'));
      expectSound(one);
    }
  });

  test('a chain of three: commits and contents arrive at the other end', () => {
    const folder = `chain-${count++}`;
    const { step, next } = play(turns);
    const left = scene.create(`${folder}/left`, { by: next() });
    fill(left, 'l1', 'l2');
    left.must(next(), 'add', '.');
    left.git('commit', '-qm', 'left');
    const middle = scene.clone(`${folder}/left`, `${folder}/middle`, { by: next() });
    const right = scene.clone(`${folder}/middle`, `${folder}/right`, { by: next() });
    middle.git('remote', 'rename', 'origin', 'left');
    middle.git('remote', 'add', 'right', '../right');
    left.git('remote', 'add', 'middle', '../middle');
    const all = [left, middle, right];
    step(middle, ['sync', '--content']);
    step(right, ['sync', '--content']);
    expect([...workTree(right).values()]).toEqual(['l1\n', 'l2\n']);
    fill(right, 'sub/r1', 'sub/r2');
    right.must(next(), 'add', '.');
    step(right, ['sync', '--content']);
    step(middle, ['sync', '--content']);
    step(left, ['sync', '--content']);
    for (const one of all) {
      expect(workTree(one)).toEqual(new Map(['l1', 'l2', 'sub/r1', 'sub/r2'].map((n) => [n, `${n}\n`])));
    }
    right.git('mv', 'l1', 'renamed');
    right.git('rm', '-q', 'l2');
    step(right, ['sync']);
    step(middle, ['sync']);
    step(left, ['sync']);
    expect(left.git('ls-files')).toBe('renamed\nsub/r1\nsub/r2');
    step(left, ['move', '--to', 'middle', '.']);
    step(middle, ['move', '--to', 'right', '.']);
    step(middle, ['sync']);
    step(left, ['sync']);
    expect(left.must(next(), 'whereis', '--json', 'renamed')).toContain(right.git('config', 'annex.uuid'));
    expect(censusOf(right).intact).toEqual(keys('l1', 'l2', 'sub/r1', 'sub/r2'));
    for (const one of all) expectSound(one);
  });

  test('unlocked files stay unlocked, and follow get, drop and edits', () => {
    const folder = `unlocked-${count++}`;
    const { step, next } = play(turns);
    const first = scene.create(`${folder}/first`, { by: next() });
    first.git('config', 'annex.addunlocked', 'true');
    fill(first, 'u1', 'u2');
    first.must(next(), 'add', '.');
    first.git('commit', '-qm', 'files');
    expectSound(first);
    expect(first.git('ls-files', '-s')).toMatch(/^100644 .*\n100644 /);
    const second = scene.clone(`${folder}/first`, `${folder}/second`, { by: next() });
    const both = [first, second];
    step(second, ['get', 'u1']);
    expect(workTree(second).get('u1')).toBe('u1\n');
    expect(workTree(second).get('u2')).toMatch(/^\/annex\/objects\//);
    step(second, ['drop', 'u1']);
    expect(workTree(second).get('u1')).toMatch(/^\/annex\/objects\//);
    step(second, ['get', '.']);
    second.write('u1', 'edited\n');
    second.must(next(), 'add', 'u1');
    step(second, ['sync', '--content']);
    step(first, ['sync', '--content']);
    expect(workTree(first)).toEqual(
      new Map([
        ['u1', 'edited\n'],
        ['u2', 'u2\n'],
      ]),
    );
    expect(censusOf(first).intact).toContain(keyFor('u1\n'));
    for (const one of both) expectSound(one);
  });

  test('worktrees, submodules, and GIT_DIR set', () => {
    const folder = `special-${count++}`;
    const { step, next } = play(turns);
    const main = scene.create(`${folder}/main`, { by: next() });
    fill(main, 'm1', 'm2');
    main.must(next(), 'add', '.');
    main.git('commit', '-qm', 'files');

    main.git('worktree', 'add', '-q', '../tree', '-b', 'other');
    const tree = scene.repository(`${folder}/tree`);
    expect(workTree(tree).get('m1')).toBe('m1\n');
    fill(tree, 't1');
    step(tree, ['add', 't1'], []);
    tree.git('commit', '-qm', 'in the worktree');
    expect(censusOf(main).intact).toEqual(keys('m1', 'm2', 't1'));
    for (const one of [main, tree]) expectSound(one);

    const other = scene.clone(`${folder}/main`, `${folder}/other`, { by: next() });
    step(other, ['get', 'm1'], [other, main]);

    const parent = scene.create(`${folder}/parent`, { by: 'none' });
    parent.git('submodule', '--quiet', 'add', '../main', 'sub');
    parent.git('commit', '-qm', 'submodule');
    const sub = scene.repository(`${folder}/parent/sub`);
    step(sub, ['get', 'm2']);
    expect(workTree(sub).get('m2')).toBe('m2\n');
    fill(sub, 's1');
    step(sub, ['add', 's1'], []);
    sub.git('commit', '-qm', 'in the submodule');
    expectSound(sub);
    step(sub, ['drop', 'm2']);
    step(sub, ['copy', '--to', 'origin', 's1'], [sub]);
    expect(censusOf(main).intact).toContain(keyFor('s1\n'));
    for (const one of [main, tree, sub]) expectSound(one);

    const elsewhere = scene.path(folder, 'elsewhere');
    mkdirSync(elsewhere);
    const env = { GIT_DIR: join(other.path, '.git'), GIT_WORK_TREE: other.path };
    for (const args of [['get', 'm2'], ['drop', 'm1'], ['whereis'], ['numcopies', '1']]) {
      must(scene.annex(next(), args, other.path, { env }), `GIT_DIR ${args}`);
    }
    expect(censusOf(other).intact).toEqual(keys('m2'));
    expectSound(other);
    const own = { GIT_DIR: join(other.path, '.git') };
    const found = scene.annex('ours', ['lookupkey', 'm2'], other.path, { env: own });
    expect(found.stdout.trim()).toBe(keyFor('m2\n'));
  });
});

test('a repository can be moved and copied by hand between runs of both programs', () => {
  const folder = `copied-${count++}`;
  const first = scene.create(`${folder}/first`, { by: 'ours' });
  fill(first, 'a', 'b');
  first.must('ours', 'add', '.');
  first.git('commit', '-qm', 'files');
  scene.copy(`${folder}/first`, `${folder}/second`);
  const second = scene.repository(`${folder}/second`);
  expectSound(second);
  fill(second, 'c');
  second.must('real', 'add', '--quiet', 'c');
  second.git('commit', '-qm', 'c');
  second.must('ours', 'drop', '--force', 'a');
  expectSound(second, { missingCopies: true });
  expectSound(first);
});

test('git alone may commit, merge, reset and collect garbage in between', () => {
  const first = scene.create(`git-${count++}`, { by: 'ours' });
  fill(first, 'a');
  first.must('ours', 'add', '.');
  first.git('commit', '-qm', 'a');
  first.git('checkout', '-qb', 'topic');
  fill(first, 'b');
  first.git('add', 'b');
  first.git('commit', '-qm', 'b');
  first.git('checkout', '-q', 'main');
  fill(first, 'c');
  first.must('ours', 'add', 'c');
  first.git('commit', '-qm', 'c');
  first.git('merge', '-q', '-m', 'merge', 'topic');
  first.git('gc', '-q', '--prune=now');
  first.git('pack-refs', '--all', '--prune');
  expectSound(first);
  first.must('ours', 'numcopies', '1');
  first.git('checkout', '-q', '--detach', 'HEAD~1');
  expectSound(first);
  first.git('checkout', '-q', 'main');
  first.must('ours', 'sync');
  expectSound(first);
  expect([...workTree(first).values()]).toEqual(['a\n', 'b\n', 'c\n']);
});
