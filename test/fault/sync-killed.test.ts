import { existsSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectSound } from '../support/judge.js';
import { createScene, killGroup, type Scene } from '../support/scene.js';

let scene: Scene;
/** What both repositories have in the end when nothing is killed. */
let expected = '';

/** Two diverged repositories with a conflict of locked files, an unlocked one, and content to move both ways. */
beforeAll(() => {
  scene = createScene();
  const a = scene.create('start/a');
  a.write('one', 'one\n');
  a.must('real', 'add', '-q', '.');
  a.git('commit', '-qm', 'one');
  const b = scene.clone('start/a', 'start/b');
  for (const repository of [a, b]) {
    const name = repository.path.slice(-1);
    for (let i = 0; i < 30; i++) repository.write(`${name}/${i}`, `${name}${i}\n`);
    repository.write('conflict', `in ${name}\n`);
    repository.write('open', `open in ${name}\n`);
    repository.must('real', 'add', '-q', '.');
    repository.must('real', 'unlock', '-q', 'open');
    repository.git('commit', '-qam', name);
  }
  b.write('later', 'not committed yet\n');
  b.must('real', 'add', '-q', 'later');
  scene.copy('start', 'undisturbed');
  expected = settle('undisturbed');
  expect(expected.split('\n')).toHaveLength(66);
});
afterAll(() => scene.remove());

/** Syncs both repositories until they have the same; gives the index they have then. */
function settle(place: string): string {
  const [a, b] = [scene.repository(`${place}/a`), scene.repository(`${place}/b`)];
  for (const repository of [b, a, b]) repository.must('ours', 'sync', '--content');
  expect(a.git('ls-files', '-s')).toBe(b.git('ls-files', '-s'));
  expect(b.git('diff', '--name-only', 'HEAD')).toBe('');
  return b.git('ls-files', '-s');
}

/** After a kill: nothing is missing, and the outcome is the one of a sync that nobody disturbed. */
function expectNothingLost(place: string): void {
  // The lock of the index is cleared away by the next sync itself.
  rmSync(scene.path(place, 'b/.git/HEAD.lock'), { force: true });
  expect(settle(place)).toBe(expected);
  for (const name of ['a', 'b']) {
    const repository = scene.repository(`${place}/${name}`);
    // A file filled just before the end may look modified to git until git looks at its content.
    repository.git('add', '-u');
    expect(repository.git('diff', '--cached', '--name-only')).toBe('');
    expect(repository.git('ls-files', '--others')).toBe('');
    expect(repository.must('real', 'find', '--not', '--in', 'here')).toBe('');
    expectSound(repository, { repairedLocations: 1 });
  }
}

const moments = Array.from({ length: 7 }, (_, i) => 150 + i * 140);

it.each(moments)('killed after %i ms, a sync loses nothing and the next one completes', async (moment) => {
  const place = `at${moment}`;
  scene.copy('start', place);
  const { child, ended } = scene.start('ours', ['sync', '--content'], scene.path(place, 'b'));
  await sleep(moment);
  if (child.pid !== undefined) killGroup(child.pid);
  await ended;
  expectNothingLost(place);
});

it('killed while git has removed a file to write the merged one, a sync loses nothing', async () => {
  scene.copy('start', 'removed');
  const b = scene.repository('removed/b');
  const reached = scene.path('reached');
  const process = b.git('config', 'filter.annex.process');
  const smudge = b.git('config', 'filter.annex.smudge');
  b.git('config', '--unset', 'filter.annex.process');
  b.git('config', 'filter.annex.smudge', `touch ${reached}; exec sleep 1000 #`);
  const { child, ended } = scene.start('ours', ['sync', '--content'], b.path);
  while (!existsSync(reached)) await sleep(20);
  if (child.pid !== undefined) killGroup(child.pid);
  await ended;
  b.git('config', 'filter.annex.process', process);
  b.git('config', 'filter.annex.smudge', smudge);
  expect(existsSync(b.file('open'))).toBe(false);
  expectNothingLost('removed');
});
