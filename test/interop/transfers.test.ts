import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createScene, type Ended, type Repository, type Scene } from '../support/scene.js';

const SHELL = fileURLToPath(new URL('../../bin/git-annex-ts-shell', import.meta.url));
const SIZE = 12_000_000;
/** Slow enough that a transfer lasts longer than a test: it is ended by other means. */
const SLOWLY = ['-c', 'annex.bwlimit=100kB'];

let scene: Scene;
let key: string;

/** `a` has `big` and `small`; `b` is its clone, without contents; both know each other. */
beforeAll(() => {
  scene = createScene();
  const a = scene.create('start/a');
  a.write('small', 'small\n');
  writeFileSync(join(a.path, 'big'), randomBytes(SIZE));
  a.must('real', 'add', '-q', '.');
  a.git('commit', '-qm', 'files');
  const b = scene.clone('start/a', 'start/b');
  a.git('remote', 'add', 'b', '../b');
  a.must('real', 'sync', '-q', '--no-content');
  b.must('real', 'sync', '-q', '--no-content');
  key = a.must('real', 'lookupkey', 'big').trim();
});
afterAll(() => scene.remove());

function place(name: string): { a: Repository; b: Repository } {
  scene.copy('start', name);
  return { a: scene.repository(`${name}/a`), b: scene.repository(`${name}/b`) };
}

interface Status {
  readonly transfers: readonly Record<string, unknown>[];
  readonly failed: readonly Record<string, unknown>[];
  readonly paused: readonly Record<string, unknown>[];
  readonly stale: readonly Record<string, unknown>[];
}

function status(repository: Repository): Status {
  return JSON.parse(repository.must('ours', 'transfer-status', '--json'));
}

/** Looks until a transfer has got so many bytes far. */
async function underWay(repository: Repository, bytes = 1): Promise<Record<string, unknown>> {
  for (let tries = 0; ; tries++) {
    const found = status(repository).transfers.find((one) => Number(one['byte-progress'] ?? -1) >= bytes);
    if (found !== undefined) return found;
    if (tries === 300) throw new Error('no transfer began');
    await sleep(100);
  }
}

function inProgress(repository: Repository): Record<string, string>[] {
  return JSON.parse(repository.must('real', 'info', '--fast', '--json'))['transfers in progress'];
}

const locked = 'transfer already in progress, or unable to take transfer lock';
const failed: Partial<Ended> = { status: 1, stderr: expect.stringContaining(locked) };

it('sees a download of git-annex, does not send the same twice, and interrupts it on request', async () => {
  const { b, a } = place('real-get');
  const running = scene.start('real', ['get', ...SLOWLY, 'big'], b.path);
  const seen = await underWay(b);
  expect(seen).toMatchObject({
    file: 'big',
    key,
    transfer: 'download',
    'remote-name': 'origin',
    program: 'git-annex',
    'process-command': 'git-annex get',
    serving: false,
    'total-size': SIZE,
  });
  expect(seen['bytes-per-second']).toBeGreaterThan(0);
  expect(seen['seconds-left']).toBeGreaterThan(0);
  expect(b.ours('get', 'big')).toMatchObject(failed);
  expect(b.ours('get', 'big').stdout).toContain('Unable to access these remotes: origin');
  expect(b.must('ours', 'transfer-status')).toMatch(
    /^ {2}download {2}big {2}from origin {2}.* of 12 MB \d+% /,
  );
  // git-annex files it as a download there, too.
  expect(status(a).transfers).toMatchObject([{ file: 'big', key, program: 'git-annex' }]);

  const pause = b.ours('transfer-status', '--pause');
  expect(pause).toMatchObject({
    status: 0,
    stderr: expect.stringContaining('is not of this program, and goes on'),
  });
  b.must('ours', 'transfer-status', '--resume');
  expect(b.ours('transfer-status', '--cancel', 'small')).toMatchObject({ status: 1 });
  const cancelled = b.must('ours', 'transfer-status', '--cancel', 'big');
  expect(cancelled).toMatch(
    /^cancel big \(from origin\.\.\.\) \(interrupted process \d+ \(git-annex get\) as a whole\) ok\n$/,
  );
  await running.ended;
  expect(status(b).transfers).toEqual([]);
});

it('sees an upload of git-annex with its progress, which git-annex does not tell', async () => {
  const { a } = place('real-put');
  const running = scene.start('real', ['copy', ...SLOWLY, '--to', 'b', 'big'], a.path);
  const seen = await underWay(a);
  expect(seen).toMatchObject({ transfer: 'upload', 'remote-name': 'b', 'process-command': 'git-annex copy' });
  expect(seen['byte-progress']).toBeLessThan(SIZE);
  a.must('ours', 'transfer-status', '--cancel', key);
  await running.ended;
});

it('is seen by git-annex, pauses, continues, and ends just the transfer that is cancelled', async () => {
  const { a, b } = place('our-get');
  const running = scene.start(
    'ours',
    ['get', ...SLOWLY, '--json', '--json-error-messages', 'big', 'small'],
    b.path,
  );
  const seen = await underWay(b);
  expect(seen).toMatchObject({
    file: 'big',
    'remote-name': 'origin',
    program: 'ours',
    process: running.child.pid,
  });
  expect(status(a).transfers).toMatchObject([{ transfer: 'upload', 'remote-name': 'b', program: 'ours' }]);
  const [theirs] = inProgress(b);
  expect(theirs).toMatchObject({ file: 'big', key, transfer: 'download' });
  expect(inProgress(a)).toMatchObject([{ file: 'big', key, transfer: 'upload' }]);
  expect(b.annex('real', 'get', 'big')).toMatchObject(failed);

  b.must('ours', 'transfer-status', '--pause', '--remote', 'origin');
  for (let tries = 0; status(b).transfers.length > 0 && tries < 300; tries++) await sleep(100);
  expect(status(b)).toMatchObject({ transfers: [], paused: [{ scope: 'remote', 'remote-name': 'origin' }] });
  expect(inProgress(b)).toEqual([]);
  expect(b.must('ours', 'transfer-status')).toContain('paused:\n  transfers with origin');
  expect(b.must('ours', 'transfer-status', '--resume')).toBe('resume transfers with origin ok\n');
  await underWay(b);
  expect(b.must('ours', 'transfer-status', '--cancel', '--all')).toMatch(/^cancel big .*ok\n$/);

  const { stdout, status: code } = await running.ended;
  const records = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(records).toMatchObject([
    { file: 'big', success: false, 'error-messages': ['the transfer was cancelled'] },
    { file: 'small', success: true },
  ]);
  expect(code).toBe(1);

  expect(status(b).failed).toMatchObject([{ file: 'big', 'remote-name': 'origin', 'retry-in-seconds': 0 }]);
  expect(b.must('ours', 'transfer-status', '--retry')).toContain('get big (from origin...) ok');
  expect(status(b)).toMatchObject({ transfers: [], failed: [], stale: [], paused: [] });
  b.must('real', 'fsck', '-q', 'big');
});

it('gives others what they want while a remote is paused, and the remote its part when it is resumed', async () => {
  const { a } = place('paused');
  const c = scene.clone('paused/a', 'paused/c');
  a.git('remote', 'add', 'c', '../c');
  a.git('config', 'remote.b.annex-cost', '50');
  a.write('new', 'new\n');
  a.git('rm', '-q', 'big');
  writeFileSync(join(a.path, 'large'), randomBytes(1_000_000));
  a.must('real', 'add', '-q', '.');
  const at = (remote: string) => a.must('real', 'find', '--in', remote).trim().split('\n').sort().join(' ');

  // Paused while it runs: it waits, after all else is done.
  const slowly = ['-c', 'remote.b.annex-bwlimit=300kB'];
  const running = scene.start('ours', ['sync', '--content', ...slowly], a.path);
  let said = '';
  const waits = new Promise<void>((resolve) => {
    running.child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('Transfers with b are paused; git annex-ts transfer-status --resume')) resolve();
    });
  });
  await underWay(a);
  a.must('ours', 'transfer-status', '--pause', '--remote', 'b');
  await waits;
  expect(at('c')).toBe('large new small');
  const tip = a.git('rev-parse', 'HEAD');
  expect(c.git('for-each-ref')).toContain(tip);
  expect(status(a).failed).toEqual([]);
  a.must('ours', 'transfer-status', '--resume');
  const { status: code, stdout } = await running.ended;
  expect(stdout).toMatch(/copy large \(to b\.\.\.\).*ok$/m);
  expect(code).toBe(0);
  expect(at('b')).toBe('large new small');

  // Paused before: the command says so, and ends.
  a.must('ours', 'transfer-status', '--pause', '--remote', 'b');
  a.write('newer', 'newer\n');
  a.must('real', 'add', '-q', '.');
  expect(a.ours('sync', '--content')).toMatchObject({
    status: 1,
    stdout: expect.stringMatching(/copy newer \(to c\.\.\.\) ok/),
    stderr: expect.stringContaining(
      'Transfers with b are paused, so 1 content waits; git annex-ts transfer-status --resume lets them go on.',
    ),
  });
  expect(a.ours('sync', '--content', '--quiet')).toMatchObject({ status: 0 });
  expect(a.ours('copy', '--to', 'b', 'newer')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('Transfers with b are paused; git annex-ts'),
  });
  a.must('ours', 'transfer-status', '--resume');
  expect(a.must('ours', 'sync', '--content')).toContain('copy newer (to b...) ok');
});

it('shows what the shell serves to a client, and can end it', async () => {
  const { a } = place('served');
  const client = '11111111-2222-4333-8444-555555555555';
  const server = spawn(process.execPath, [SHELL, 'p2pstdio', a.path, client], { env: scene.env });
  const ended = new Promise((resolve) => server.on('close', resolve));
  // It is not read: what the pipe does not hold waits.
  server.stdin.write(`GET 0 big ${key}\n`);
  const seen = await underWay(a, 0);
  expect(seen).toMatchObject({
    transfer: 'upload',
    remote: client,
    file: 'big',
    serving: true,
    program: 'ours',
  });
  expect(a.must('ours', 'transfer-status')).toContain(', serving');
  const cancelled = a.must('ours', 'transfer-status', '--cancel', 'big');
  expect(cancelled).toMatch(/ ok\n$/);
  await ended;
});

it('tells live transfers from what killed ones left, and removes only that', async () => {
  const { b } = place('stale');
  const running = scene.start('ours', ['get', ...SLOWLY, 'big'], b.path);
  await underWay(b);
  running.child.kill('SIGKILL');
  await running.ended;
  expect(status(b)).toMatchObject({ transfers: [], stale: [{ file: 'big', key, transfer: 'download' }] });
  const folder = readdirSync(join(b.path, '.git/annex/transfer/download')).find(
    (name) => name !== 'lck',
  ) as string;
  const other = join(b.path, '.git/annex/transfer/upload', folder);
  mkdirSync(other, { recursive: true });
  writeFileSync(join(other, key), '1795297705.421123864s 5001\nbig\n');
  expect(b.must('ours', 'transfer-status', '--clear-stale')).toBe('clear-stale big ok\nclear-stale big ok\n');
  expect(status(b).stale.filter(({ transfer }) => transfer === 'upload')).toEqual([]);
  expect(existsSync(join(b.path, `.git/annex/tmp/${key}`)), 'partial content stays').toBe(true);
  expect(existsSync(join(b.path, `.git/annex/annex-ts/transfers/notes/download/${folder}/${key}`))).toBe(
    false,
  );
  expect(b.must('ours', 'get', 'big')).toContain('ok');
});
