import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, statSync, symlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectSound } from '../support/judge.js';
import { createScene, type Repository, type Scene } from '../support/scene.js';
import { startSshd, type Sshd } from '../support/sshd.js';

/** A cluster of two repositories on paths and one over ssh, served by our shell. */
const OURS = fileURLToPath(new URL('../../bin/git-annex-ts-shell', import.meta.url));
const NODES = ['n1', 'n2', 'n3'];
const BIG = 6 << 20;

let scene: Scene;
let sshd: Sshd;
let gateway: Repository;
let client: Repository;
let cluster: string;
const nodes = new Map<string, Repository>();
const names = new Map<string, string>();

beforeAll(async () => {
  scene = createScene();
  for (const folder of ['sshd', 'bin']) mkdirSync(scene.path(folder));
  symlinkSync(OURS, scene.path('bin/git-annex-shell'));
  sshd = await startSshd(scene.path('sshd'));
  gateway = scene.create('gw', { by: 'real', description: 'gw' });
  for (const name of NODES) nodes.set(name, scene.clone('gw', name, { by: 'real', description: name }));
  for (const name of ['n1', 'n2'])
    gateway.git('remote', 'add', '-f', name, (nodes.get(name) as Repository).path);
  overSsh(gateway, 'n3', nodes.get('n3') as Repository);
  gateway.must('real', 'merge', '-q');
  for (const name of NODES) gateway.git('config', `remote.${name}.annex-cluster-node`, 'mine');
  gateway.must('ours', 'initcluster', 'mine');
  gateway.must('ours', 'updatecluster');
  cluster = gateway.git('config', 'annex.cluster.mine');
  client = scene.clone('gw', 'client', { by: 'none' });
  client.git('remote', 'remove', 'origin');
  overSsh(client, 'hub', gateway);
  client.must('real', 'init', '-q', 'client');
  for (const name of ['a', 'b', 'c', 'd', 'e']) client.write(name, `content of ${name}\n`);
  client.write('big', Buffer.alloc(BIG, 'big '));
  client.must('real', 'add', '-q', '.');
  client.git('commit', '-qm', 'files');
  for (const [name, repository] of nodes) names.set(repository.git('config', 'annex.uuid'), name);
});
afterAll(() => {
  sshd?.stop();
  scene.remove();
});

function overSsh(from: Repository, name: string, to: Repository): void {
  from.git('config', 'annex.ssh-options', sshd.options);
  from.git('config', 'core.sshCommand', sshd.command);
  from.git('remote', 'add', name, `${sshd.address}${to.path}`);
  from.git('config', `remote.${name}.annex-shell`, scene.path('bin/git-annex-shell'));
  from.git('fetch', '-q', name);
}

/** The nodes that have a key, as a repository's git-annex branch says; the client and the gateway are left out. */
function recorded(repository: Repository, key: string): string[] {
  const { stdout } = scene.run('git', ['grep', '-h', '', 'git-annex', '--', `*/${key}.log`], repository.path);
  const lines = stdout.split('\n').map((line) => line.split(' '));
  expect(stdout).not.toContain(cluster);
  return lines.flatMap(([, state, uuid = '']) => (state === '1' ? (names.get(uuid) ?? []) : [])).sort();
}

/** The nodes that really have it. */
function holders(key: string): string[] {
  return NODES.filter((name) => {
    const folder = `${(nodes.get(name) as Repository).path}/.git/annex/objects`;
    return readdirSync(folder, { recursive: true }).some(
      (path) => basename(String(path)) === key && statSync(`${folder}/${path}`).isFile(),
    );
  });
}

function expectAt(key: string, expected: readonly string[]): void {
  expect(holders(key)).toEqual(expected);
  for (const repository of [client, gateway]) expect(recorded(repository, key)).toEqual(expected);
}

const keyOf = (file: string) => client.must('real', 'lookupkey', file).trim();

it.each(['real', 'ours'] as const)('%s sends to it, gets from it and drops from it', (who) => {
  const file = who === 'real' ? 'a' : 'b';
  const key = keyOf(file);
  client.must(who, 'copy', '--to', 'hub-mine', file);
  expectAt(key, NODES);
  client.must(who, 'drop', '--numcopies=3', file);
  client.must(who, 'get', '--from', 'hub-mine', file);
  client.must(who, 'drop', '--from', 'hub-mine', file);
  expectAt(key, []);
  expect(client.must('real', 'find', '--in=here', file)).toBe(`${file}\n`);
});

it('costs only its own copy when a node is away', () => {
  const key = keyOf('c');
  client.must('real', 'copy', '-q', '--to', 'hub-mine', 'c');
  const path = (nodes.get('n2') as Repository).path;
  renameSync(path, `${path}-away`);
  const sent = client.real('copy', '--to', 'hub-mine', 'd');
  expect(sent.status).toBe(0);
  expect(sent.stderr).toContain('n2');
  expect(recorded(client, keyOf('d'))).toEqual(['n1', 'n3']);
  const sentByUs = client.ours('copy', '--to', 'hub-mine', 'a');
  expect(sentByUs.status).toBe(0);
  expect(sentByUs.stderr).toContain('n2');
  for (let times = 0; times < 2; times++) {
    client.must('real', 'drop', '-q', '--force', 'd');
    client.must('real', 'get', '-q', '--from', 'hub-mine', 'd');
  }
  expect(client.real('drop', '--from', 'hub-mine', 'c').status).toBe(1);
  expect(recorded(client, key)).toEqual(['n2']);
  expect(recorded(gateway, key)).toEqual(['n2']);
  renameSync(`${path}-away`, path);
  expectAt(key, ['n2']);
  client.must('real', 'drop', '--from', 'hub-mine', 'a', 'c');
  expectAt(key, []);
  expectAt(keyOf('d'), ['n1', 'n3']);
});

it('brings one copy where one is wanted', () => {
  for (const name of NODES) {
    gateway.must('real', 'group', '-q', name, 'archive');
    gateway.must('real', 'wanted', '-q', name, 'standard');
  }
  client.must('real', 'copy', '-q', '--to', 'hub-mine', 'e');
  expect(holders(keyOf('e'))).toHaveLength(1);
  expectAt(keyOf('e'), holders(keyOf('e')));
  for (const name of NODES) gateway.must('real', 'wanted', '-q', name, '');
});

it('records nothing of what a killed gateway did not finish, and goes on from there', async () => {
  const key = keyOf('big');
  const session = () =>
    spawn(
      OURS,
      [
        '-c',
        `git-annex-shell p2pstdio ${gateway.path} 11111111-2222-4333-8444-555555555555 --uuid ${cluster}`,
      ],
      {
        env: scene.env,
        stdio: ['pipe', 'pipe', 'ignore'],
      },
    );
  const partial = (name: string) => {
    const folder = `${(nodes.get(name) as Repository).path}/.git/annex/tmp`;
    return Math.max(
      0,
      ...readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
        entry.isFile() ? statSync(`${folder}/${entry.name}`).size : [],
      ),
    );
  };
  const first = session();
  first.stdin.on('error', () => undefined);
  first.stdout.resume();
  first.stdin.write(`VERSION 4\nPUT big ${key}\nDATA ${BIG}\n`);
  first.stdin.write(Buffer.alloc(BIG / 2, 'big '));
  const halfway = () => ['n1', 'n2'].every((name) => partial(name) >= 1 << 20);
  await expect.poll(halfway, { timeout: 30_000 }).toBe(true);
  const closed = new Promise((resolve) => first.on('close', resolve));
  first.kill('SIGKILL');
  await closed;
  expect(recorded(gateway, key)).toEqual([]);
  expect(client.real('copy', '--to', 'hub-mine', 'big').status).toBe(0);
  expectAt(key, NODES);
});

it("passes git-annex's own test of remotes, and nothing is left of it", () => {
  // It leaves its ssh master running.
  client.git('config', 'annex.sshcaching', 'false');
  const { status, stdout, stderr } = client.real('testremote', '--fast', 'hub-mine', '--size=100kb');
  expect(stdout + stderr).toMatch(/All \d+ tests passed/);
  expect(status).toBe(0);
  for (const node of nodes.values()) expectSound(node, { dirty: true });
});
