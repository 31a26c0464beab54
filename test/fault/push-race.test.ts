import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectSound } from '../support/judge.js';
import { createScene, type Repository, type Scene } from '../support/scene.js';

let scene: Scene;
let origin: Repository;
let clones: Repository[] = [];

beforeAll(() => {
  scene = createScene();
  const first = scene.create('first');
  first.write('one', 'one\n');
  first.must('real', 'add', '-q', '.');
  first.git('commit', '-qm', 'one');
  origin = scene.clone('first', 'origin', { bare: true });
  clones = ['a', 'b', 'c', 'd'].map((name) => scene.clone('origin', name));
});
afterAll(() => scene.remove());

function commitIn(repository: Repository, name: string): void {
  repository.write(name, `${name}\n`);
  rmSync(repository.file('same'), { force: true });
  repository.write('same', `of ${name}\n`);
  repository.must('real', 'add', '-q', '.');
  repository.git('commit', '-qm', name);
}

function withHook(script: string, work: () => void): void {
  const hook = scene.path('origin/hooks/update');
  writeFileSync(hook, `#!/bin/sh\n${script}\n`);
  chmodSync(hook, 0o755);
  try {
    work();
  } finally {
    rmSync(hook);
  }
}

it('pushes again where the remote refused it for a moment', () => {
  const [a] = clones as [Repository];
  commitIn(a, 'first-refused');
  withHook('f="refused-$(echo "$1" | tr / _)"; [ -e "$f" ] || { : > "$f"; exit 1; }', () => {
    a.must('ours', 'sync');
  });
  expect(origin.git('rev-parse', 'main')).toBe(a.git('rev-parse', 'main'));
});

it('says why the remote refused it in the end', () => {
  const [a] = clones as [Repository];
  commitIn(a, 'always-refused');
  withHook('echo not today >&2; exit 1', () => {
    const ended = a.ours('sync');
    expect(ended.status).toBe(1);
    expect(ended.stderr).toMatch(/origin refused the push of .*: hook declined/);
  });
  const lock = scene.path('origin/refs/heads/synced/git-annex.lock');
  writeFileSync(lock, '');
  const ended = a.ours('sync');
  expect(ended.status).toBe(1);
  expect(ended.stderr).toMatch(
    /origin refused the push of synced\/git-annex: .*(?:lock|failed to update ref)/,
  );
  rmSync(lock);
  a.must('ours', 'sync');
  expectSound(a);
});

it('lets several repositories sync with one at the same time', async () => {
  for (const clone of clones) commitIn(clone, `of-${clone.path.slice(-1)}`);
  const ends = await Promise.all(clones.map((clone) => scene.start('ours', ['sync'], clone.path).ended));
  for (const ended of ends) expect(ended, ended.stderr).toMatchObject({ status: 0 });
  for (const clone of clones) clone.must('ours', 'sync');
  const trees = clones.map((clone) => {
    clone.must('ours', 'sync');
    return clone.git('rev-parse', 'HEAD^{tree}');
  });
  expect(new Set(trees).size).toBe(1);
  const names = clones[0]?.git('ls-files').split('\n') ?? [];
  expect(names).toEqual(expect.arrayContaining(['of-a', 'of-b', 'of-c', 'of-d']));
  expect(names.filter((name) => name.startsWith('same.variant-')).length).toBeGreaterThanOrEqual(4);
});
