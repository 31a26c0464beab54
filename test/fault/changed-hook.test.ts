import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createScene, type Repository, type Scene } from '../support/scene.js';

let scene: Scene;
let b: Repository;
let seen: string;

beforeAll(() => {
  scene = createScene();
  scene.create('hub', { bare: true });
  b = scene.clone('hub', 'b');
  seen = scene.path('seen');
});
afterAll(() => scene.remove());

async function until(what: string, holds: () => boolean): Promise<void> {
  for (let i = 0; i < 600; i++) {
    if (holds()) return;
    await sleep(100);
  }
  throw new Error(`never: ${what}`);
}

const textOf = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');
const reports = (): { refs: { name: string; after: string }[]; counts: { sent: number } }[] =>
  textOf(seen)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

function isRunning(pidFile: string): boolean {
  try {
    process.kill(Number(readFileSync(pidFile, 'utf8')), 0);
    return true;
  } catch {
    return false;
  }
}

it('tells programs what a sync changed, without waiting for one that hangs', async () => {
  const hook = join(b.path, '.git/hooks/annex-changed');
  const [shell, child] = [scene.path('shell-pid'), scene.path('child-pid')];
  b.git('config', 'annex-ts.changed-command', `cat >>'${seen}'`);
  b.git('config', 'annex-ts.changed-timeout', '3');
  const text = `#!/bin/sh\ntrap '' TERM\nsleep 1000 &\necho $! >'${child}'\necho $$ >'${shell}'\nwait; sleep 1000\n`;
  writeFileSync(hook, text, { mode: 0o755 });
  b.write('one', 'one\n');
  b.must('real', 'add', '-q', 'one');
  b.must('ours', 'sync', '--content');
  b.write('two', 'two\n');
  b.must('real', 'add', '-q', 'two');
  b.must('ours', 'sync', '--content');
  const log = join(b.path, '.git/annex/annex-ts/changed.log');
  await until('both were told', () => textOf(log).split('ended after 3 s\n').length === 3);
  await until('nothing of it runs any more', () => !isRunning(shell) && !isRunning(child));
  expect(reports().map(({ counts }) => counts.sent)).toEqual([1, 1]);
  const tip = reports()[1]?.refs.find(({ name }) => name === 'refs/heads/main')?.after;
  expect(tip).toBe(b.git('rev-parse', 'main'));
  await until('no report waits', () => readdirSync(join(b.path, '.git/annex/annex-ts/changed')).length === 0);

  b.must('ours', 'sync', '--content');
  expect(readdirSync(join(b.path, '.git/annex/annex-ts/changed')), 'nothing has changed').toEqual([]);
});

it('runs no program that a file of the repository names, nor a hook that is not executable', () => {
  const c = scene.clone('hub', 'c');
  const mark = scene.path('mark');
  c.write('.annex-tsrc', `changed-command: touch '${mark}'\nchanged-timeout: 5\n`);
  writeFileSync(join(c.path, '.git/hooks/annex-changed'), `#!/bin/sh\ntouch '${mark}'\n`, { mode: 0o644 });
  c.write('three', 'three\n');
  c.git('add', 'three');
  c.must('ours', 'sync', '--content');
  // Neither a report nor the process that would hand it over is made.
  expect(existsSync(join(c.path, '.git/annex/annex-ts/changed'))).toBe(false);
  expect(existsSync(mark)).toBe(false);
});
