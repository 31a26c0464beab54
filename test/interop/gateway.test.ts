import { mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCountingShell } from '../support/counting-shell.js';
import { expectSound } from '../support/judge.js';
import { createScene, type Repository, type Scene } from '../support/scene.js';
import { startSshd, type Sshd } from '../support/sshd.js';

/** A gateway with a repository on a path, one over ssh and a special remote behind it, served by our shell. */
const OURS = fileURLToPath(new URL('../../bin/git-annex-ts-shell', import.meta.url));

let scene: Scene;
let sshd: Sshd;
let gateway: Repository;
let near: Repository;
let far: Repository;
let client: Repository;
let uuids: Record<string, string>;

beforeAll(async () => {
  scene = createScene();
  for (const folder of ['sshd', 'bin', 'special']) mkdirSync(scene.path(folder));
  symlinkSync(OURS, scene.path('bin/git-annex-shell'));
  sshd = await startSshd(scene.path('sshd'));
  gateway = scene.create('gw', { by: 'real', description: 'gw' });
  for (const name of ['f', 'g']) gateway.write(name, `content of ${name}\n`);
  gateway.must('real', 'add', '-q', '.');
  gateway.git('commit', '-qm', 'files');
  [near, far] = ['near', 'far'].map((name) => scene.clone('gw', name, { by: 'real', description: name })) as [
    Repository,
    Repository,
  ];
  gateway.git('remote', 'add', '-f', 'near', near.path);
  overSsh(gateway, 'far', far, 'git-annex-shell');
  gateway.must('real', 'merge', '-q');
  gateway.must(
    'real',
    'initremote',
    '-q',
    'dir',
    'type=directory',
    `directory=${scene.path('special')}`,
    'encryption=none',
  );
  for (const name of ['near', 'far', 'dir']) gateway.git('config', `remote.${name}.annex-proxy`, 'true');
  gateway.must('ours', 'updateproxy');
  client = scene.clone('gw', 'client', { by: 'none' });
  client.git('remote', 'remove', 'origin');
  overSsh(client, 'gw', gateway, scene.path('bin/git-annex-shell'));
  client.must('real', 'init', '-q', 'client');
  client.must('real', 'get', '-q', '.');
  const uuidOf = (repository: Repository) => repository.git('config', 'annex.uuid');
  uuids = { near: uuidOf(near), far: uuidOf(far) };
});
afterAll(() => {
  sshd?.stop();
  scene.remove();
});

function overSsh(from: Repository, name: string, to: Repository, shell: string): void {
  from.git('config', 'annex.ssh-options', sshd.options);
  from.git('config', 'core.sshCommand', sshd.command);
  from.git('remote', 'add', name, `${sshd.address}${to.path}`);
  from.git('config', `remote.${name}.annex-shell`, shell);
  from.git('fetch', '-q', name);
}

const places = (repository: Repository, file: string) =>
  (JSON.parse(repository.must('real', 'whereis', '--json', file)).whereis as { uuid: string }[]).map(
    ({ uuid }) => uuid,
  );

it.each([
  ['real', 'near'],
  ['ours', 'far'],
] as const)(
  'through our gateway, %s sends contents to a repository that is %s, and they come back',
  (who, name) => {
    const remote = `gw-${name}`;
    const uuid = uuids[name];
    client.must(who, 'copy', '--to', remote, 'f');
    expect(places(client, 'f')).toContain(uuid);
    expect(places(gateway, 'f')).toContain(uuid);
    expect((name === 'near' ? near : far).must('real', 'find', '--in=here', 'f')).toBe('f\n');
    client.must(who, 'drop', '--force', 'f');
    client.must(who, 'get', '--from', remote, 'f');
    expect(client.must('real', 'find', 'f')).toBe('f\n');
    client.must(who, 'fsck', '--from', remote, 'f');

    client.must(who, 'drop', '--numcopies=2', 'f');
    client.must(who, 'get', 'f');
    client.must(who, 'drop', '--from', remote, 'f');
    expect(places(client, 'f')).not.toContain(uuid);
    expect(places(gateway, 'f')).not.toContain(uuid);
    expectSound(name === 'near' ? near : far, { dirty: true });
  },
);

it('a special remote is refused in one sentence, and nothing is recorded', () => {
  const refused = client.annex('ours', 'copy', '--to', 'gw-dir', 'g');
  expect(refused.status).toBe(1);
  expect(refused.stdout + refused.stderr).toContain('cannot be a gateway to special remotes yet');
  expect(places(client, 'g')).toHaveLength(2);
});

it("passes git-annex's own test of remotes", () => {
  const { status, stdout, stderr } = client.real('testremote', '--fast', 'gw-near', '--size=100kb');
  expect(stdout + stderr).toMatch(/All \d+ tests passed/);
  expect(status).toBe(0);
});

it('serves only what its own line of proxy.log names, and a node that is still the same', () => {
  const ask = (uuid: string) =>
    scene.run(OURS, ['-c', `git-annex-shell p2pstdio ${gateway.path} client --uuid ${uuid}`], '.', {
      input: 'VERSION 4\n',
    });
  expect(ask(uuids.near as string).stdout).toBe(`AUTH-SUCCESS ${uuids.near}\nVERSION 4\n`);
  const stranger = ask('11111111-2222-4333-8444-555555555555');
  expect(stranger.stderr).toContain('expected repository UUID 11111111');
  gateway.git('config', 'remote.near.annex-proxy', 'false');
  gateway.must('ours', 'updateproxy');
  expect(ask(uuids.near as string).stderr).toContain('not configured to proxy for it');
  gateway.git('config', 'remote.near.annex-proxy', 'true');
  gateway.must('ours', 'updateproxy');
  near.git('config', 'annex.uuid', '22222222-2222-4333-8444-555555555555');
  const changed = ask(uuids.near as string);
  expect(changed.stdout).toBe('');
  expect(changed.stderr).not.toContain('at ');
  near.git('config', 'annex.uuid', uuids.near as string);
  renameSync(near.path, `${near.path}.away`);
  expect(ask(uuids.near as string).stderr).toBe(
    'git-annex-ts-shell: near: there is no repository at its path on the gateway (is its drive mounted?)\n',
  );
  renameSync(`${near.path}.away`, near.path);
});

it('a client of ours names what is behind the gateway as git-annex does', () => {
  for (const remote of ['gw', 'gw-near', 'gw-far', 'gw-dir'])
    expect(client.must('ours', 'info', '--fast', remote)).toBe(client.must('real', 'info', '--fast', remote));
});

it.each(['ours', 'real'] as const)('%s sends a file once, whoever behind one gateway wants it', (who) => {
  const shell = createCountingShell(scene.path('bin', `counting-${who}`), scene.path('bin/git-annex-shell'));
  client.git('config', 'remote.gw.annex-shell', shell.path);
  client.git('config', 'remote.gw-dir.annex-ignore', 'true');
  client.must('real', 'wanted', 'gw', 'exclude=*-behind');
  const files = [`${who}-everywhere`, `${who}-behind`];
  for (const name of files) client.write(name, `${name}\n`.repeat(20_000));
  client.must('real', 'add', '-q', '.');
  client.git('commit', '-qm', who);
  client.must(who, 'sync', '--content');
  expect(shell.sent()).toBe(20_000 * files.join('\n\n').length);
  expect(places(client, files[0] as string)).toHaveLength(4);
  expect(places(client, files[1] as string)).toEqual(expect.arrayContaining(Object.values(uuids)));
  for (const node of [near, far]) expectSound(node, { dirty: true });
  client.git('config', '--remove-section', 'remote.gw-dir');
  client.git('config', 'remote.gw.annex-shell', scene.path('bin/git-annex-shell'));
});

it('a cluster of git-annex gets, has and loses what its nodes do, and is no copy', () => {
  for (const name of ['near', 'far']) gateway.git('config', `remote.${name}.annex-cluster-node`, 'mine');
  gateway.must('real', 'initcluster', 'mine');
  gateway.must('real', 'updatecluster');
  overSsh(client, 'hub', gateway, 'git-annex-shell');
  const nodes = [uuids.near, uuids.far] as string[];
  client.must('ours', 'copy', '--to', 'hub-mine', 'g');
  const cluster = client.must('real', 'info', '--fast', '--json', 'hub-mine').match(/ac[0-9a-f-]{34}/)?.[0];
  expect(places(client, 'g')).toEqual(expect.arrayContaining([cluster, ...nodes]));
  expect(client.must('ours', 'find', '--in', 'hub-mine', 'g')).toBe('g\n');
  client.must('ours', 'drop', '--force', 'g');
  expect(client.must('ours', 'get', '--from', 'hub-mine', 'g')).toContain('from hub-mine...');
  // Without the nodes there are two copies: the client's and the gateway's.
  expect(client.ours('drop', '--numcopies=3', '--from', 'hub-mine', 'g').status).toBe(1);
  expect(client.ours('move', '--numcopies=3', '--from', 'hub-mine', 'g').status).toBe(1);
  expect(places(client, 'g')).toHaveLength(5);
  client.must('ours', 'drop', '--numcopies=2', '--from', 'hub-mine', 'g');
  expect(places(client, 'g')).toHaveLength(2);
  expect(client.git('grep', cluster as string, 'git-annex', '--', '*.log')).not.toContain('SHA256E');
});
