import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { censusOf } from '../support/census.js';
import { expectSound } from '../support/judge.js';
import { fillUpTo, type Mount, mountSmall } from '../support/mounts.js';
import { createScene, type Ended, type Repository, type Scene } from '../support/scene.js';
import { createSshClient } from '../support/ssh-client.js';
import { type Sshd, startSshd } from '../support/sshd.js';

const OURS = fileURLToPath(new URL('../../bin/git-annex-ts-shell', import.meta.url));
/** More than all buffers between server and client hold together. */
const BIG = Buffer.alloc(24 << 20, 'a big content ');

let scene: Scene;
let sshd: Sshd;
let server: Repository;
let client: Repository;
let disk: Mount;

beforeAll(async () => {
  scene = createScene();
  mkdirSync(scene.path('sshd'));
  sshd = await startSshd(scene.path('sshd'));
  createSshClient(join(scene.directory, 'home'), sshd);
  disk = mountSmall(scene.path('disk'), 40 << 20);
  server = scene.create('server');
  server.write('big', BIG);
  for (const name of ['x', 'y']) server.write(name, `${name}\n`.repeat(200_000));
  server.must('real', 'add', '-q', '.');
  server.git('commit', '-qm', 'files');
  scene.run('git', ['clone', '-q', `ssh://server${server.path}`, scene.path('disk/client')], scene.directory);
  client = scene.repository('disk/client');
  client.must('ours', 'init', 'client');
  client.git('config', 'annex.diskreserve', '0');
});
afterAll(() => {
  sshd?.stop();
  disk?.unmount();
  scene.remove();
});

/** Makes the server's shell one that tells its process id, and does not start once it was killed. */
function killable(shell: string): { kill(): void; revive(): void } {
  const [pid, dead, script] = ['pid', 'dead', 'shell'].map((name) => scene.path(name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(
    script,
    `#!/bin/sh\n[ -e ${dead} ] && { echo "the server is gone" >&2; exit 1; }\necho $$ > ${pid}\nexec ${shell} "$@"\n`,
    { mode: 0o755 },
  );
  rmSync(dead, { force: true });
  client.git('config', 'remote.origin.annex-shell', script);
  return {
    kill() {
      writeFileSync(dead, '');
      process.kill(Number(readFileSync(pid, 'utf8')), 'SIGKILL');
    },
    revive: () => rmSync(dead, { force: true }),
  };
}

const sizeOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
const partialOf = (repository: Repository, key: string) => join(repository.path, '.git/annex/tmp', key);

async function until(reached: () => boolean): Promise<void> {
  while (!reached()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Bytes of the first progress that was told. */
function firstProgress({ stdout }: Ended): number {
  return Number(/"byte-progress":(\d+)/.exec(stdout)?.[1]);
}

describe('a server that is killed while content moves', () => {
  it.each([
    ['get', 'git-annex-shell', '10MB'],
    ['put', OURS, '3MB'],
  ] as const)('%s says so, and goes on when run again', async (direction, shell, limit) => {
    const killed = killable(shell);
    const name = direction === 'get' ? 'big' : 'new';
    if (direction === 'put') {
      client.write(name, Buffer.alloc(6 << 20, `${name} `));
      client.must('ours', 'add', '-q', name);
      client.git('commit', '-qm', name);
    }
    const key = client.must('ours', 'lookupkey', name).trim();
    const args = direction === 'get' ? ['get', name] : ['copy', '--to', 'origin', name];
    const partial = partialOf(direction === 'get' ? client : server, key);
    const first = scene.start('ours', ['-c', `annex.bwlimit=${limit}`, ...args], client.path);
    await until(() => sizeOf(partial) > 0);
    killed.kill();
    const { status, stdout, stderr } = await first.ended;
    expect(status).toBe(1);
    expect(stdout + stderr).toContain('origin: cannot talk to remote origin\nthe server is gone\n');
    expect(stdout + stderr).not.toMatch(/^\s+at /m);
    const kept = sizeOf(partial);
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThan(direction === 'get' ? BIG.length : 6 << 20);
    killed.revive();
    const again = client.ours(...args, '--json', '--json-progress');
    expect(again.status, again.stdout + again.stderr).toBe(0);
    expect(firstProgress(again)).toBeGreaterThanOrEqual(kept);
  });
});

it('a disk that fills up while content comes over ssh: says so, keeps what is right, and goes on later', () => {
  client.git('config', '--unset', 'remote.origin.annex-shell');
  client.must('ours', 'drop', 'big');
  const unfill = fillUpTo(disk, 700_000);
  const { status, stdout, stderr } = client.ours('get', '.');
  unfill();
  expect(status).toBe(1);
  expect(stdout + stderr).toMatch(/space|disk/i);
  expect(stdout + stderr).not.toMatch(/^\s+at /m);
  expect(censusOf(client).damaged).toEqual([]);
  client.must('ours', 'get', '.');
  expect(client.must('ours', 'find', 'big', 'x', 'y')).toBe('big\nx\ny\n');
  expectSound(client);
  expectSound(server);
});
