import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLogTwins } from '../support/log-twins.js';
import { createQueryRepositories, DEAD } from '../support/query-scene.js';
import { createScene, type Scene } from '../support/scene.js';

let scene: Scene;
beforeAll(() => {
  scene = createScene();
  createQueryRepositories(scene, 'base');
});
afterAll(() => scene.remove());

test('the branch is forgotten as git-annex forgets it, and other clones follow', () => {
  const { same, sameLogs, real, ours } = createLogTwins(scene, 'base', 'here');
  same(['describe', 'here', 'alpha']);
  same(['forget']);
  sameLogs(['forget', '--force']);
  expect(ours.git('rev-list', '--count', 'git-annex')).toBe('1');
  sameLogs(['group', 'b', 'archive']);
  sameLogs(['maxsize', 'here', '7']);
  sameLogs(['maxsize', 'b', '5']);
  sameLogs(['wanted', 'b', 'anything']);
  sameLogs(['schedule', 'b', 'fsck self 1h every day at 3 AM']);
  sameLogs(['dead', 'b']);
  expect(ours.git('show', 'git-annex:uuid.log')).toContain(DEAD);
  sameLogs(['forget', '--drop-dead', '--force']);
  expect(ours.git('show', 'git-annex:uuid.log')).not.toContain(DEAD);
  for (const repository of [real, ours]) {
    repository.git('-C', '../b', 'fetch', '-q', '../here', '+git-annex:refs/remotes/here/git-annex');
  }
  const clone = (of: typeof real) =>
    scene.repository(of.path.replace(`${scene.directory}/`, '').replace(/here$/, 'b'));
  clone(real).must('real', 'info', '--fast');
  clone(ours).must('ours', 'info', '--fast');
  expect(clone(ours).git('ls-tree', '-r', 'git-annex')).toBe(clone(real).git('ls-tree', '-r', 'git-annex'));
});
