import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PROGRAM } from '../support/program.js';
import { createScene, type Repository, type Scene } from '../support/scene.js';

let scene: Scene;

/** `b` has the remotes `origin` (a) and `c`; all three are in step. */
beforeAll(() => {
  scene = createScene();
  const a = scene.create('start/a');
  for (const name of ['one', 'two', 'three']) a.write(name, `${name}\n`);
  a.must('real', 'add', '-q', '.');
  a.git('commit', '-qm', 'files');
  const b = scene.clone('start/a', 'start/b');
  const c = scene.clone('start/a', 'start/c');
  c.must('real', 'get', '-q', '.');
  c.must('real', 'sync', '-q');
  b.git('remote', 'add', 'c', '../c');
  b.must('ours', 'sync');
});
afterAll(() => scene.remove());

function place(name: string): { a: Repository; b: Repository; c: Repository } {
  scene.copy('start', name);
  const [a, b, c] = ['a', 'b', 'c'].map((one) => scene.repository(`${name}/${one}`));
  return { a, b, c } as { a: Repository; b: Repository; c: Repository };
}

const failedRemotes = (b: Repository) => readdirSync(join(b.path, '.git/annex/annex-ts/failed-remotes'));

function failedTransfers(b: Repository): string[] {
  const base = join(b.path, '.git/annex/transfer/failed');
  if (!existsSync(base)) return [];
  const files = readdirSync(base, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map(({ parentPath }) => parentPath.slice(base.length + 1).split('/')[0] as string);
}

/** As if what failed had failed that many milliseconds earlier; negative: the clock was set back. */
function earlier(b: Repository, milliseconds: number): void {
  const folder = join(b.path, '.git/annex/annex-ts/failed-remotes');
  for (const name of readdirSync(folder)) {
    const record = JSON.parse(readFileSync(join(folder, name), 'latin1'));
    record.backOff.failedAt -= milliseconds;
    writeFileSync(join(folder, name), JSON.stringify(record), 'latin1');
  }
}

it('remembers a push that failed, leaves the remote alone for a while, and makes it good', () => {
  const { a, b } = place('push');
  const away = `${a.path}.away`;
  renameSync(a.path, away);
  b.write('new', 'new\n');
  b.must('ours', 'add', '-q', 'new');
  expect(b.ours('sync').status).toBe(1);
  expect(failedRemotes(b)).toHaveLength(1);

  const rests = b.ours('sync', '--retry');
  expect(rests).toMatchObject({ status: 0, stderr: '' });
  expect(rests.stdout).toMatch(
    /^\(origin failed once: not asked for another \d+[sm]; .*sync origin asks now\)\n$/,
  );
  for (const args of [['--retry', '--quiet'], ['--quiet']])
    expect(b.ours('sync', ...args), args.join(' ')).toEqual({ status: 0, stdout: '', stderr: '' });

  earlier(b, 61_000);
  const again = b.ours('sync', '--retry', '--quiet');
  expect(again.status).toBe(1);
  expect(again.stderr).toContain('cannot access origin');
  expect(b.ours('sync', '--retry').stdout).toMatch(/^\(origin failed 2 times: not asked for another 1m/);
  earlier(b, -3_600_000);
  expect(b.ours('sync', '--retry').stdout, 'the clock was set back').toMatch(/^pull origin/);

  const named = b.ours('sync', '--retry', 'origin');
  expect(named.status).toBe(1);
  expect(named.stdout).toMatch(/^pull origin/);
  expect(b.ours('sync', '--retry').stdout, 'naming it begins anew').toMatch(/^\(origin failed once/);

  renameSync(away, a.path);
  earlier(b, 61_000);
  const good = b.ours('sync', '--retry');
  expect(good.status).toBe(0);
  expect(good.stdout).toMatch(/^pull origin \nok\npush origin \nok\n$/);
  expect(a.git('rev-parse', 'synced/main')).toBe(b.git('rev-parse', 'main'));
  expect(failedRemotes(b)).toEqual([]);
  expect(b.ours('sync', '--retry')).toEqual({ status: 0, stdout: '', stderr: '' });
});

it('needs only a shell to find out that nothing failed', () => {
  const { a, b } = place('shell');
  const folder = b.file('some/folder').toString();
  mkdirSync(folder, { recursive: true });
  // Node is not in this path.
  const retry = (args: readonly string[] = [], env = {}, cwd = folder) =>
    scene.run(PROGRAM, ['sync', ...args, '--retry'], cwd, { env: { PATH: '/nonesuch', ...env } }).status;
  const needsNode = 127;
  expect(retry()).toBe(0);
  expect(retry(['-q', '--no-wait'])).toBe(0);
  expect(retry(['--content'])).toBe(needsNode);
  expect(retry(['origin'])).toBe(needsNode);
  expect(retry([], { GIT_DIR: a.path })).toBe(needsNode);
  expect(retry([], {}, scene.directory)).toBe(needsNode);
  expect(retry([], {}, '/')).toBe(needsNode);
  const failed = join(b.path, '.git/annex/transfer/failed/upload/some-uuid');
  mkdirSync(failed, { recursive: true });
  expect(retry()).toBe(0);
  writeFileSync(join(failed, 'SHA256-s1--x'), '1s\n\n');
  expect(retry()).toBe(needsNode);
  rmSync(failed, { recursive: true });
  renameSync(a.path, `${a.path}.away`);
  expect(b.ours('sync').status).toBe(1);
  expect(retry()).toBe(needsNode);
});

it('forgets a failure when a sync succeeds, and a remote that is gone', () => {
  const { a, b } = place('forget');
  b.git('remote', 'add', 'gone', '../nonesuch');
  renameSync(a.path, `${a.path}.away`);
  expect(b.ours('sync').status).toBe(1);
  expect(failedRemotes(b)).toHaveLength(2);
  renameSync(`${a.path}.away`, a.path);
  b.git('remote', 'remove', 'gone');
  b.must('ours', 'sync');
  expect(failedRemotes(b)).toHaveLength(1);
  expect(b.ours('sync', '--retry')).toEqual({ status: 0, stdout: '', stderr: '' });
  expect(failedRemotes(b)).toEqual([]);
});

it('remembers a push that the remote refuses', () => {
  const { a, b } = place('refused');
  const hook = join(a.path, '.git/hooks/pre-receive');
  writeFileSync(hook, '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  b.git('commit', '-q', '--allow-empty', '-m', 'more');
  expect(b.ours('sync').status).toBe(1);
  expect(failedRemotes(b)).toHaveLength(1);
  rmSync(hook);
  b.must('ours', '-c', 'annex-ts.backoff-limit=0', 'sync', '--retry');
  expect(a.git('rev-parse', 'synced/main')).toBe(b.git('rev-parse', 'main'));
});

it('gets from where content is by now, and sends again', () => {
  const { a, b, c } = place('transfers');
  b.git('config', 'remote.c.annex-ignore', 'true');
  a.must('real', 'drop', '--force', '-q', '.');
  a.git('checkout', '-q', '-b', 'elsewhere');
  expect(b.ours('get', '--from=origin', '.').status).toBe(1);
  const downloads = failedTransfers(b).length;
  expect(downloads).toBeGreaterThan(0);
  b.write('mine', 'mine\n');
  b.must('ours', 'add', '-q', 'mine');
  a.git('config', 'annex.diskreserve', '900 petabytes');
  expect(b.ours('copy', '--to=origin', 'mine').status).toBe(1);
  expect(failedTransfers(b)).toHaveLength(downloads + 1);

  b.git('config', '--unset', 'remote.c.annex-ignore');
  const retried = b.ours('sync', '--retry');
  expect(retried.status).toBe(1);
  expect(retried.stdout).toMatch(/^get \S+ \(from c\.\.\.\) ok$/m);
  expect(retried.stdout).toMatch(/^copy mine \(to origin\.\.\.\) \nfailed$/m);
  expect(failedTransfers(b)).toEqual(['upload']);
  expect(b.ours('sync', '--retry'), 'uploads rest, too').toEqual({ status: 0, stdout: '', stderr: '' });

  a.git('config', '--unset', 'annex.diskreserve');
  const sent = b.ours('sync', '--retry', 'origin');
  expect(sent.stdout).toBe('copy mine (to origin...) ok\n(recording state in git...)\n');
  expect(failedTransfers(b)).toEqual([]);
  expect(c.path).not.toBe('');
});

it('makes good what git-annex recorded, and knows what git-annex made good', () => {
  const { a, b } = place('both');
  scene.run(
    'sh',
    [
      '-c',
      'chmod -R u+w .git/annex/objects; for f in $(find .git/annex/objects -type f); do echo x > $f; done',
    ],
    a.path,
  );
  expect(b.real('get', '--from=origin', '.').status).toBe(1);
  expect(failedTransfers(b)).toHaveLength(3);
  b.must('real', 'get', '-q', '--from=c', 'one');
  b.must('ours', 'sync', '--retry');
  expect(failedTransfers(b)).toEqual([]);
  expect(b.must('real', 'find', '--in=here').split('\n')).toEqual(['one', 'three', 'two', '']);

  b.must('real', 'drop', '-q', '--force', 'two');
  expect(b.ours('get', '--from=origin', 'two').status).toBe(1);
  expect(failedTransfers(b)).toHaveLength(1);
  b.git('remote', 'set-url', 'origin', '../c');
  b.git('config', '--unset', 'remote.origin.annex-uuid');
  b.must('real', 'get', '-q', 'two');
  expect(b.ours('sync', '--retry')).toEqual({ status: 0, stdout: '', stderr: '' });
  expect(failedTransfers(b)).toEqual([]);
});
