import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { OUR_SHELL } from '../support/p2p-channels.js';
import { createScene, type Repository, type Scene } from '../support/scene.js';

/** A gateway of a cluster whose settings only the holder of a key may change from elsewhere. */
let scene: Scene;
let gateway: Repository;
let client: Repository;
let node: string;

beforeAll(() => {
  scene = createScene();
  gateway = scene.create('gw', { by: 'real', description: 'gw', bare: true });
  scene.create('node', { by: 'real', description: 'node', bare: true });
  gateway.git('remote', 'add', '-f', 'node', scene.path('node'));
  gateway.must('real', 'merge', '-q');
  client = scene.create('client', { by: 'real', description: 'client' });
  client.git('remote', 'add', 'gw', gateway.path);
  client.write('f', 'content\n');
  client.must('real', 'add', '-q', 'f');
  client.git('commit', '-qm', 'f');
  client.must('real', 'sync', '-q', '--no-content');
  gateway.must('ours', 'initcluster', 'attic');
  gateway.git('config', 'remote.node.annex-cluster-node', 'attic');
  gateway.must('ours', 'updatecluster');
  node = gateway.git('config', 'remote.node.annex-uuid');
  gateway.must('ours', 'wanted', 'node', 'present');
  gateway.must('ours', 'group', 'node', 'shelf');
  const key = scene.path('key');
  scene.run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'admin', '-f', key], scene.directory);
  const publicKey = scene.run('cat', [`${key}.pub`], scene.directory).stdout;
  writeFileSync(scene.path('signers'), `admin@example.com ${publicKey}`);
  const fingerprint = scene
    .run('ssh-keygen', ['-lf', `${key}.pub`], scene.directory)
    .stdout.split(' ')[1] as string;
  gateway.git('config', 'annex-ts.lockcluster', 'true');
  gateway.git('config', 'annex-ts.lockclustersigner', fingerprint);
  gateway.git('config', 'gpg.ssh.allowedSignersFile', scene.path('signers'));
  gateway.must('ours', 'updatecluster');
  client.must('real', 'sync', '-q', '--no-content');
});
afterAll(() => scene.remove());

const push = (...args: string[]) => scene.run('git', ['push', ...args], client.path);
/** What the gateway has now, after it has merged what it was sent. */
const wanted = () => gateway.must('real', 'wanted', 'node').trim();

it('lets pass what has nothing to do with it', () => {
  client.must('real', 'copy', '-q', '--to', 'gw', 'f');
  client.must('real', 'wanted', 'here', 'anything');
  client.must('real', 'sync', '-q', '--no-content');
  expect(client.must('real', 'sync', '--no-content')).not.toContain('refused');
  gateway.must('real', 'merge', '-q');
  expect(gateway.must('real', 'wanted', client.git('config', 'annex.uuid'))).toContain('anything');
});

it('refuses a change by every ref that would be merged, and tells which line', () => {
  client.must('real', 'wanted', node, 'anything');
  const synced = client.annex('real', 'sync', '--no-content', 'gw');
  expect(synced.stderr + synced.stdout).toMatch(
    new RegExp(`preferred-content.log, new line: ${node} anything timestamp=\\d`),
  );
  for (const ref of [
    'heads/git-annex',
    'heads/synced/git-annex',
    'remotes/x/git-annex',
    'tags/git-annex',
    'x/Git-Annex',
  ]) {
    const { status, stderr } = push('--force', 'gw', `git-annex:refs/${ref}`);
    expect(stderr).toContain('refused: the git-annex branch');
    expect(status).toBe(1);
  }
  expect(push('gw', ':refs/heads/git-annex').stderr).toContain('missing line');
  // A branch that is merged by nobody goes through, as do those beside it.
  expect(push('gw', 'git-annex:refs/heads/other', 'HEAD:refs/heads/more').status).toBe(0);
  expect(wanted()).toBe('present');
});

it('cannot be got round through the shell, where the hook is away', () => {
  const hook = `${gateway.path}/hooks/pre-receive`;
  rmSync(hook);
  client.git('config', 'remote.gw.receivepack', `${OUR_SHELL} -c "git-receive-pack '${gateway.path}'" #`);
  expect(push('gw', 'git-annex:refs/heads/synced/git-annex').stderr).toContain(
    'refused: the git-annex branch',
  );
  writeFileSync(hook, '#!/bin/sh\nexit 0\n', { mode: 0o755 });
  expect(push('gw', 'git-annex:refs/heads/synced/git-annex').stderr).toContain('there is a pre-receive hook');
  rmSync(hook);
  client.git('config', '--unset', 'remote.gw.receivepack');
  gateway.must('ours', 'updatecluster');
  expect(wanted()).toBe('present');
});

it('takes what is set back, and what the holder of the key has signed', () => {
  client.must('real', 'wanted', node, 'present');
  client.must('real', 'sync', '-q', '--no-content', 'gw');
  client.must('real', 'wanted', node, 'standard');
  client.git('config', 'gpg.format', 'ssh');
  client.git('config', 'push.gpgSign', 'if-asked');
  mkdirSync(scene.path('other'));
  scene.run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', scene.path('other/key')], scene.directory);
  client.git('config', 'user.signingKey', scene.path('other/key.pub'));
  expect(push('gw', 'git-annex:refs/heads/synced/git-annex').stderr).toContain('push signed by one who may');
  client.git('config', 'user.signingKey', scene.path('key.pub'));
  client.must('real', 'sync', '-q', '--no-content', 'gw');
  gateway.must('real', 'merge', '-q');
  expect(wanted()).toBe('standard');
});

it('refuses where it cannot look', () => {
  client.git('config', '--unset', 'push.gpgSign');
  gateway.git('config', 'annex-ts.lockcluster', 'perhaps');
  expect(push('gw', 'HEAD:refs/heads/new').stderr).toContain('neither true nor false');
  gateway.git('config', 'annex-ts.lockcluster', 'true');
  const blob = client.git('hash-object', '-w', 'f');
  const tree = scene.run('git', ['mktree'], client.path, { input: `100644 blob ${blob}\tx\n` }).stdout.trim();
  const root = scene
    .run('git', ['mktree'], client.path, { input: `040000 tree ${tree}\ttrust.log\n` })
    .stdout.trim();
  const commit = client.git('commit-tree', '-m', 'x', root);
  expect(push('gw', `${commit}:refs/heads/a/git-annex`).stderr).toContain('trust.log is no file');
  gateway.git('config', 'annex-ts.lockcluster', 'false');
  client.must('real', 'wanted', node, 'anything');
  client.must('real', 'sync', '-q', '--no-content', 'gw');
  gateway.must('real', 'merge', '-q');
  expect(wanted()).toBe('anything');
});

it('covers what is pushed, and not what the gateway fetches from where it is let', () => {
  gateway.git('config', 'annex-ts.lockcluster', 'true');
  gateway.git('remote', 'add', 'c', client.path);
  gateway.git('config', 'remote.c.annex-pull', 'false');
  client.must('real', 'wanted', node, 'present');
  gateway.must('ours', 'sync', '--no-content', '--no-push', 'c');
  expect(wanted()).toBe('anything');
  gateway.git('config', 'remote.c.annex-pull', 'true');
  gateway.must('ours', 'sync', '--no-content', '--no-push', 'c');
  expect(wanted()).toBe('present');
});
