import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectSound } from '../support/judge.js';
import { createScene, killGroup, type Scene } from '../support/scene.js';

let scene: Scene;

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
});
afterAll(() => scene.remove());

const moments = Array.from({ length: 7 }, (_, i) => 150 + i * 140);

it.each(moments)('killed after %i ms, a sync loses nothing and the next one completes', async (moment) => {
  const place = `at${moment}`;
  scene.copy('start', place);
  const b = scene.repository(`${place}/b`);
  const { child, ended } = scene.start('ours', ['sync', '--content'], b.path);
  await sleep(moment);
  if (child.pid !== undefined) killGroup(child.pid);
  await ended;
  for (const lock of ['index.lock', 'HEAD.lock']) scene.run('rm', ['-f', `.git/${lock}`], b.path);
  b.must('ours', 'sync', '--content');
  const a = scene.repository(`${place}/a`);
  a.must('ours', 'sync', '--content');
  b.must('ours', 'sync', '--content');
  expect(a.git('ls-files', '-s')).toBe(b.git('ls-files', '-s'));
  expect(b.git('ls-files').split('\n')).toHaveLength(66);
  expect(b.git('diff', '--name-only', 'HEAD')).toBe('');
  for (const repository of [a, b]) {
    // A file filled just before the end may look modified to git until git looks at its content.
    repository.git('add', '-u');
    expect(repository.git('diff', '--cached', '--name-only')).toBe('');
    expect(repository.must('real', 'find', '--not', '--in', 'here')).toBe('');
    expectSound(repository, { repairedLocations: 1 });
  }
});
