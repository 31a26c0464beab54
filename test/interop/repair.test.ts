import { chmodSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createScene, type Repository, type Scene } from '../support/scene.js';

let scene: Scene;
beforeAll(() => {
  scene = createScene();
  const origin = scene.create('origin');
  origin.write('one', 'one');
  origin.must('real', 'add', '--quiet', 'one');
  origin.git('commit', '-qm', 'one');
});
afterAll(() => scene.remove());

const looseFile = (of: Repository, name: string): string =>
  join(of.gitDirectory, 'objects', name.slice(0, 2), name.slice(2));

/** A clone whose objects are files of its own. */
function clone(name: string): Repository {
  scene.run('git', ['clone', '-q', '--no-hardlinks', 'origin', name], scene.directory);
  const repository = scene.repository(name);
  repository.must('real', 'init', '--quiet', name);
  return repository;
}

test('objects that are corrupt or gone come back from a remote', () => {
  const broken = clone('broken');
  expect(broken.ours('repair')).toMatchObject({ status: 0, stderr: '' });
  const [blob, tree, commit] = ['HEAD:one', 'HEAD^{tree}', 'HEAD'].map((name) =>
    broken.git('rev-parse', name),
  );
  const corrupt = looseFile(broken, blob as string);
  chmodSync(corrupt, 0o644);
  writeFileSync(corrupt, 'rubbish');
  rmSync(looseFile(broken, tree as string), { force: true });
  rmSync(looseFile(broken, commit as string), { force: true });
  expect(scene.run('git', ['fsck'], broken.path).status).not.toBe(0);
  expect(broken.ours('repair').status).toBe(0);
  expect(scene.run('git', ['fsck', '--full'], broken.path).status).toBe(0);
  expect(broken.git('show', 'HEAD:one')).toContain('.git/annex/objects/');
  expect(readdirSync(join(broken.gitDirectory, 'annex/bad-git-objects'))).toEqual([blob]);
  expect(existsSync(corrupt)).toBe(false);
  expect(broken.real('fsck', '--fast').status).toBe(0);
});

test('what no remote has is told, and nothing is thrown away', () => {
  const broken = clone('lost');
  broken.write('own', 'own');
  broken.git('add', 'own');
  broken.git('commit', '-qm', 'own');
  const head = broken.git('rev-parse', 'HEAD');
  rmSync(looseFile(broken, broken.git('rev-parse', 'HEAD:own')));
  const ended = broken.ours('repair');
  expect(ended.status).toBe(1);
  expect(ended.stderr).toContain('1 objects could not be recovered');
  expect(broken.git('rev-parse', 'HEAD')).toBe(head);
  expect(broken.ours('repair', '--force')).toMatchObject({ status: 1, stdout: '' });
});
