import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { holdLock } from '../support/locks.js';
import { createScene, killGroup, must, type Repository, type Scene } from '../support/scene.js';

let scene: Scene;

/** `b` is a clone of the bare `hub`, and in step with it. */
beforeAll(() => {
  scene = createScene();
  const hub = scene.create('start/hub', { bare: true });
  const b = scene.clone('start/hub', 'start/b');
  b.write('one', 'one\n');
  b.must('real', 'add', '-q', 'one');
  b.git('commit', '-qm', 'one');
  b.must('ours', 'sync');
  expect(hub.git('rev-parse', 'main')).toBe(b.git('rev-parse', 'main'));
});
afterAll(() => scene.remove());

interface Place {
  readonly hub: Repository;
  readonly b: Repository;
  /** A file of ours below `.git/annex/annex-ts` of `b`. */
  own(name: string): string;
}

function place(name: string): Place {
  scene.copy('start', name);
  const b = scene.repository(`${name}/b`);
  return {
    hub: scene.repository(`${name}/hub`),
    b,
    own: (file) => join(b.path, '.git/annex/annex-ts', file),
  };
}

async function until(what: string, holds: () => boolean): Promise<void> {
  for (let i = 0; i < 600; i++) {
    if (holds()) return;
    await sleep(100);
  }
  throw new Error(`never: ${what}`);
}

/** Whether somebody has a lock on the file, found out without taking it: a program that tries just then would leave. */
function isHeld(path: string): boolean {
  const inode = statSync(path, { throwIfNoEntry: false })?.ino;
  return inode !== undefined && new RegExp(`:${inode} 0 EOF$`, 'm').test(readFileSync('/proc/locks', 'utf8'));
}

const textOf = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');
const commit = (b: Repository, message: string) => b.git('commit', '-q', '--allow-empty', '-m', message);
const inStep = ({ hub, b }: Place, branch = 'main') =>
  scene.run('git', ['rev-parse', '-q', '--verify', branch], hub.path).stdout.trim() ===
  b.git('rev-parse', branch);

it('syncs once in the background after a burst of commits', async () => {
  const here = place('burst');
  const { b, own } = here;
  expect(b.must('ours', 'init', '--hooks')).toBe('init  ok\n');
  const lock = await holdLock(own('sync.lck'));
  commit(b, 'first');
  await until('a process waits', () => isHeld(own('follower.lck')));
  for (let i = 0; i < 5; i++) commit(b, `more ${i}`);
  expect(textOf(own('sync.log'))).not.toContain('== ');
  await lock.release();
  await until('the sync is done', () => textOf(own('sync.log')).includes(' done\n'));
  expect(inStep(here)).toBe(true);
  expect(textOf(own('sync.log')).match(/ sync of /g)).toHaveLength(1);
  expect(textOf(own('sync.log'))).toContain('push origin');
  expect(existsSync(own('sync-waiting'))).toBe(false);

  commit(b, 'later');
  await until('another sync', () => inStep(here));
  b.must('ours', 'sync', '--quiet');
  b.write('changed', 'x\n');
  b.git('add', 'changed');
  const before = textOf(own('sync-wanted'));
  b.must('ours', 'sync');
  expect(textOf(own('sync-wanted')), 'its own commit starts no other sync').toBe(before);
  expect(b.git('log', '--format=%an', '-1')).toBe('Tester');
});

it('works in linked work trees, and lets commits be where the program is not', async () => {
  const here = place('tree');
  const { b, hub, own } = here;
  b.must('ours', 'init', '--hooks');
  b.git('worktree', 'add', '-q', '-b', 'side', '../tree');
  const tree = scene.repository('tree/tree');
  commit(tree, 'on the side');
  await until('the branch of the work tree is pushed', () => inStep({ ...here, b: tree }, 'side'));
  await until('it is done', () => textOf(own('sync.log')).includes(' done\n'));
  const tip = hub.git('rev-parse', 'main');
  const PATH = scene.env['PATH']?.split(':').slice(1).join(':');
  const env = { PATH };
  const before = textOf(own('sync-wanted'));
  must(scene.run('git', ['commit', '-q', '--allow-empty', '-m', 'alone'], b.path, { env }), 'commit');
  expect(textOf(own('sync-wanted'))).toBe(before);
  expect(hub.git('rev-parse', 'main')).toBe(tip);
});

it("keeps the user's hook, and removes only its own", () => {
  const { b } = place('hooks');
  const hook = join(b.path, '.git/hooks/post-commit');
  const mine = '#!/bin/sh\necho mine\n';
  writeFileSync(hook, mine, { mode: 0o755 });
  expect(b.must('ours', 'init', '--hooks')).toMatch(
    /^init {2}\n {2}post-commit hook \(.*\) already exists, not configuring; .*background-sync.*\nok\n$/,
  );
  b.must('ours', 'init', '--no-hooks');
  expect(textOf(hook)).toBe(mine);

  const own = join(b.path, '.git/own-hooks');
  b.git('config', 'core.hooksPath', '.git/own-hooks');
  expect(b.must('ours', 'init', '--hooks')).toBe('init  ok\n');
  expect(readdirSync(own)).toEqual(['post-commit']);
  expect(textOf(hook)).toBe(mine);
  b.must('ours', 'init');
  b.must('ours', 'init', '--hooks');
  expect(readdirSync(own)).toEqual(['post-commit']);
  b.must('ours', 'init', '--no-hooks');
  expect(readdirSync(own)).toEqual([]);

  b.must('ours', 'init', '--hooks');
  writeFileSync(join(own, 'post-commit'), `${textOf(join(own, 'post-commit'))}echo more\n`);
  expect(b.must('ours', 'init', '--no-hooks')).toContain('was changed, not removing it');
  expect(readdirSync(own)).toEqual(['post-commit']);

  b.git('config', '--unset', 'core.hooksPath');
  const everywhere = scene.path('everywhere');
  mkdirSync(everywhere);
  const env = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'core.hooksPath', GIT_CONFIG_VALUE_0: everywhere };
  const refused = scene.annex('ours', ['init', '--hooks'], b.path, { env });
  expect(refused.stdout).toContain('core.hooksPath is set for more than this repository');
  expect(readdirSync(everywhere)).toEqual([]);
});

it('syncs one at a time: waits, or leaves at once with a code of its own', async () => {
  const { b, own } = place('alone');
  const lock = await holdLock(own('sync.lck'));
  expect(b.ours('sync', '--no-wait')).toEqual({
    status: 75,
    stdout: '(nothing done: another sync of this repository is running)\n',
    stderr: '',
  });
  expect(b.ours('sync', '--no-wait', '--quiet')).toEqual({ status: 75, stdout: '', stderr: '' });
  expect(b.ours('push', '--wait=0s').status).toBe(75);
  expect(b.ours('pull', '--wait=soon').stderr).toContain('option --wait: cannot parse value `soon`');
  b.must('real', 'sync', '-q');
  const waiting = scene.start('ours', ['sync'], b.path);
  let seen = '';
  waiting.child.stdout?.on('data', (chunk: Buffer) => {
    seen += chunk.toString();
  });
  await until('it says that it waits', () => seen.includes('(waiting for another sync'));
  await lock.release();
  expect((await waiting.ended).status).toBe(0);
});

it('does nothing within a sync of the same repository', () => {
  const { b } = place('within');
  const answer = scene.path('within/answer');
  const hook = join(b.path, '.git/hooks/pre-commit-annex');
  writeFileSync(hook, `#!/bin/sh\ngit-annex-ts sync >'${answer}' 2>&1; echo "$?" >>'${answer}'\n`, {
    mode: 0o755,
  });
  b.write('one more', 'x\n');
  b.git('add', 'one more');
  b.must('ours', 'sync');
  expect(textOf(answer)).toBe('(nothing done: called from within a sync of this repository)\n0\n');
  expect(b.git('status', '--porcelain')).toBe('');
});

it('is not held up by a sync that was killed', async () => {
  const { b, own } = place('killed');
  b.git('remote', 'add', 'stuck', 'ext::sleep 600');
  b.git('config', 'protocol.ext.allow', 'always');
  const { child, ended } = scene.start('ours', ['sync'], b.path);
  await until('it has the lock', () => isHeld(own('sync.lck')));
  expect(b.ours('sync', '--no-wait').status).toBe(75);
  killGroup(child.pid as number);
  await ended;
  writeFileSync(own('sync-waiting'), '1\n');
  b.git('remote', 'remove', 'stuck');
  b.must('ours', 'sync', '--no-wait');
});

it('lets two runs of cron, a retry and a hook come at the same moment', async () => {
  const here = place('crowd');
  const { b, own } = here;
  b.must('ours', 'init', '--hooks');
  const other = scene.clone('crowd/hub', 'crowd/other');
  other.write('theirs', 'theirs\n');
  other.must('real', 'add', '-q', 'theirs');
  other.git('commit', '-qm', 'theirs');
  other.must('real', 'sync', '-q', '--content');
  commit(b, 'ours');
  const runs = [
    ['sync', '--quiet'],
    ['sync', '--quiet', '--content'],
    ['sync', '--retry', '--quiet'],
  ];
  const ended = await Promise.all(runs.map((args) => scene.start('ours', args, b.path).ended));
  for (const end of ended) expect(end).toEqual({ status: 0, stdout: '', stderr: '' });
  await until('the hook is done', () => textOf(own('sync.log')).includes(' done\n'));
  expect(inStep(here)).toBe(true);
  expect(b.must('real', 'find', '--in=here')).toBe('one\ntheirs\n');
  expect(b.git('status', '--porcelain')).toBe('');
});
