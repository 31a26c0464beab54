import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { OUR_SHELL } from '../support/p2p-channels.js';
import { expectSound } from '../support/judge.js';
import { createScene, type Repository, type Scene } from '../support/scene.js';

/** Repositories that are reached by an external program, which lets in those who say the right token. */
const TOKEN = 'open-sesame-54321';

let scene: Scene;
let server: Repository;
let client: Repository;

beforeAll(() => {
  scene = createScene();
  server = scene.create('server', { by: 'real', description: 'server' });
  for (const name of ['f', 'g', 'h']) server.write(name, `content of ${name}\n`);
  server.must('real', 'add', '-q', '.');
  server.git('commit', '-qm', 'files');
  server.must('real', 'sync', '-q');
  installNetwork('test', OUR_SHELL);
  installNetwork('old', 'git-annex-shell');
  client = scene.create('client', { by: 'real', description: 'client' });
  client.git('remote', 'add', 'peer', `p2p-annex::test:${server.path}`);
  client.git('remote', 'add', 'old', `p2p-annex::old:${server.path}`);
});
afterAll(() => scene.remove());

/** A network on which addresses are paths: the server's side reads the AUTH and leaves the rest to a shell. */
function installNetwork(net: string, shell: string): void {
  const path = scene.path('home', 'bin', `git-annex-p2p-${net}`);
  writeFileSync(
    path,
    `#!/bin/sh
IFS= read -r line
case $line in
  'AUTH '*' ${TOKEN}') uuid=\${line#AUTH }; uuid=\${uuid% *} ;;
  *) echo AUTH-FAILURE; exit 0 ;;
esac
exec ${shell} -c "git-annex-shell 'p2pstdio' '$1' '\${uuid:-nobody}'"
`,
  );
  chmodSync(path, 0o755);
}

function writeToken(repository: Repository, token: string, to: Repository = server): void {
  const folder = `${repository.gitDirectory}/annex/creds`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/${to.path.replaceAll('/', '%')}`, `${token}\nsecond line\n`, { mode: 0o600 });
}

const uuidOf = (repository: Repository) => repository.git('config', 'annex.uuid');
const said = ({ stdout, stderr }: { stdout: string; stderr: string }) => stdout + stderr;

it('does not get in without the token, says how to, and keeps the secret', () => {
  const none = client.ours('sync', 'peer');
  expect(none.status).toBe(1);
  expect(said(none)).toContain('did not accept the authentication');
  expect(said(none)).toContain('GIT_ANNEX_P2P_AUTHTOKEN');
  writeToken(client, 'wrong-secret');
  const wrong = client.ours('sync', 'peer');
  expect(wrong.status).toBe(1);
  expect(said(wrong)).not.toContain('wrong-secret');
  writeToken(client, TOKEN);
});

it('syncs with git and contents over the network, and finds out which repository it is', () => {
  const synced = client.ours('sync', '--content', 'peer');
  expect(said(synced)).not.toContain('failed');
  expect(synced.status).toBe(0);
  expect(client.git('config', 'remote.peer.annex-uuid')).toBe(uuidOf(server));
  expect(client.must('real', 'find')).toBe('f\ng\nh\n');
  client.write('mine', 'from the client\n');
  client.must('ours', 'add', '-q', 'mine');
  expect(said(client.ours('sync', '--content', 'peer'))).not.toContain(TOKEN);
  server.must('real', 'merge', '-q');
  server.git('merge', '-q', 'synced/main');
  expect(server.must('real', 'find', '--in=here')).toBe('f\ng\nh\nmine\n');
  const info = client.must('ours', 'info', 'peer');
  expect(info).toContain('type: p2p\n');
  expect(info).toContain('cost: 1000.0\n');
  expect(info).toContain(`repository location: p2p-annex::test:${server.path}\n`);
});

it('gets, copies, moves, drops and checks contents, also where git-annex serves them', () => {
  client.git('config', 'remote.old.annex-uuid', uuidOf(server));
  client.must('ours', 'drop', 'f');
  client.must('ours', 'get', '--from', 'peer', 'f');
  client.must('ours', 'move', '--to', 'peer', 'g');
  expect(client.must('real', 'find', '--in=here', 'g')).toBe('');
  // Nothing locks it there any more, though the connections before are over.
  client.must('ours', 'move', '--from', 'peer', 'g');
  expect(server.must('real', 'find', '--in=here', 'g')).toBe('');
  client.must('ours', 'copy', '--to', 'old', 'g');
  client.must('ours', 'drop', '--from', 'old', 'h');
  expect(server.must('real', 'find', '--in=here')).toBe('f\ng\nmine\n');
  client.must('ours', 'copy', '--to', 'old', 'h');
  client.must('ours', 'fsck', '--from', 'peer', '.');
  expectSound(client, { dirty: true });
  expectSound(server, { dirty: true });
});

it('is cloned from by git alone, where the helper is in the path', () => {
  const env = {
    GIT_ANNEX_P2P_AUTHTOKEN: TOKEN,
    PATH: `${OUR_SHELL.replace(/\/[^/]+$/, '')}:${scene.env.PATH}`,
  };
  const url = `p2p-annex::test:${server.path}`;
  const cloned = scene.run('git', ['clone', '-q', url, scene.path('clone')], scene.directory, { env });
  expect(cloned).toEqual({ status: 0, stdout: '', stderr: '' });
  const clone = scene.repository('clone');
  expect(said(clone.annex('ours', 'init'))).not.toContain(TOKEN);
  expect(scene.annex('ours', ['get', 'f'], clone.path, { env }).status).toBe(0);
  const refused = scene.run('git', ['fetch'], clone.path, { env: { ...env, GIT_ANNEX_P2P_AUTHTOKEN: 'x' } });
  expect(refused.stderr).toContain('git-remote-p2p-annex: remote origin: the other side did not accept');
});

it('passes the test of remotes', () => {
  const { status, stdout, stderr } = client.ours('testremote', '--fast', 'peer', '--size=100kb');
  expect(stdout + stderr).toMatch(/All \d+ tests passed/);
  expect(status).toBe(0);
});

it('is behind a gateway, as a repository by itself and as a node of a cluster', () => {
  const gateway = scene.create('gateway', { by: 'real', description: 'gateway' });
  writeToken(gateway, TOKEN);
  gateway.git('remote', 'add', 'far', `p2p-annex::test:${server.path}`);
  gateway.git('config', 'remote.far.annex-uuid', uuidOf(server));
  gateway.git('config', 'remote.far.annex-proxy', 'true');
  gateway.git('config', 'remote.far.annex-cluster-node', 'attic');
  gateway.must('ours', 'initcluster', 'attic');
  gateway.must('ours', 'updatecluster');
  const key = client.must('real', 'lookupkey', 'f').trim();
  for (const uuid of [uuidOf(server), gateway.git('config', 'annex.cluster.attic')]) {
    const request = `git-annex-shell p2pstdio ${gateway.path} client --uuid ${uuid}`;
    const input = `VERSION 4\nCHECKPRESENT ${key}\nGET 0 f ${key}\nSUCCESS\n`;
    const { stdout } = scene.run(OUR_SHELL, ['-c', request], scene.directory, { input });
    expect(stdout).toBe(`AUTH-SUCCESS ${uuid}\nVERSION 4\nSUCCESS\nDATA 13\ncontent of f\nVALID\n`);
  }
});

it('is a gateway itself, to clients that can ask for what is behind it', () => {
  const gateway = scene.repository('gateway');
  writeToken(client, TOKEN, gateway);
  client.git('remote', 'add', 'front', `p2p-annex::test:${gateway.path}`);
  client.must('ours', 'sync', '--no-content', '--allow-unrelated-histories', 'front');
  const info = client.must('ours', 'info', '--fast', 'front');
  expect(client.git('config', 'remote.front.annex-ts-gateway')).toBe('true');
  expect(info).toContain('proxying: front-far\n');
  expect(info).toContain('gateway to cluster: front-attic\n');
  client.write('through', 'through the gateway\n');
  const done = client.inOneProcess(
    ['add', '-q', 'through'],
    ['copy', '--to', 'front-attic', 'through'],
    ['drop', '--force', 'through'],
    ['get', '--from', 'front-far', 'through'],
  );
  expect(done.map(({ status }) => status)).toEqual([0, 0, 0, 0]);
  expect(done[3]?.stdout).toContain('from front-far...');
  // git-annex as the gateway can't be asked.
  client.git('remote', 'set-url', 'front', `p2p-annex::old:${gateway.path}`);
  const refused = client.ours('copy', '--to', 'front-far', 'mine');
  expect(refused.status).toBe(1);
  expect(said(refused)).toContain('the other side leads nowhere else: unknown command');
  client.git('config', '--remove-section', 'remote.front');
  client.git('remote', 'add', 'front', `p2p-annex::old:${gateway.path}`);
  expect(client.must('ours', 'info', '--fast', 'front')).toContain('type: p2p\n');
  expect(said(client.ours('copy', '--to', 'front-far', 'mine'))).toContain('no available git remote named');
});

it('says in one sentence what is missing', () => {
  client.git('remote', 'add', 'gone', 'p2p-annex::missing:somewhere');
  client.git('config', 'remote.gone.annex-uuid', '11111111-2222-4333-8444-555555555555');
  const missing = client.ours('copy', '--to', 'gone', 'f');
  expect(missing.status).toBe(1);
  expect(said(missing)).toContain('the program git-annex-p2p-missing is not installed');
  expect(said(missing)).not.toMatch(/ENOENT|\bat .*:\d+/);
  client.git('remote', 'set-url', 'gone', 'p2p-annex::no address');
  expect(said(client.ours('copy', '--to', 'gone', 'f'))).toContain('is no address on a P2P network');
  client.git('remote', 'remove', 'gone');
});
