import { renameSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type HttpServer, startHttpServer } from '../support/http-server.js';
import { expectSound } from '../support/judge.js';
import { ask } from '../support/raw-http.js';
import { createScene, type Repository, type Scene } from '../support/scene.js';

/** A gateway to a cluster of two repositories on paths, and to one that git-annex serves over http; served over http. */
const CLIENT = '99999999-2222-4333-8444-555555555555';

let scene: Scene;
let gateway: Repository;
let near: Repository;
let far: Repository;
let web: Repository;
let client: Repository;
let uuids: Record<string, string>;
let webServer: HttpServer;
let server: HttpServer;

const uuidOf = (repository: Repository) => repository.git('config', 'annex.uuid');

beforeAll(async () => {
  scene = createScene();
  gateway = scene.create('gw', { description: 'gw' });
  for (const name of ['f', 'g', 'h']) gateway.write(name, `content of ${name}\n`);
  gateway.write('big', Buffer.alloc(3_000_000, 'abcdefg'));
  gateway.must('real', 'add', '-q', '.');
  gateway.git('commit', '-qm', 'files');
  [near, far, web] = ['near', 'far', 'web'].map((name) => scene.clone('gw', name, { description: name })) as [
    Repository,
    Repository,
    Repository,
  ];
  uuids = { near: uuidOf(near), far: uuidOf(far), web: uuidOf(web) };
  webServer = await startHttpServer(scene, 'real', web.path, ['--wideopen']);
  gateway.git('config', 'annex.security.allowed-ip-addresses', '127.0.0.1');
  for (const [name, node] of Object.entries({ near, far })) {
    gateway.git('remote', 'add', '-f', name, node.path);
    gateway.git('config', `remote.${name}.annex-cluster-node`, 'mine');
  }
  gateway.git('remote', 'add', 'web', 'http://127.0.0.1:9/nothing');
  gateway.git('config', 'remote.web.annex-uuid', uuids['web'] as string);
  gateway.git('config', 'remote.web.annexUrl', `annex+http://127.0.0.1:${webServer.port}/git-annex/`);
  for (const name of ['near', 'far', 'web']) gateway.git('config', `remote.${name}.annex-proxy`, 'true');
  gateway.must('real', 'merge', '-q');
  gateway.must('ours', 'initcluster', 'mine');
  gateway.must('ours', 'updatecluster');
  gateway.must('real', 'wanted', uuids['far'] as string, 'include=*');
  uuids['mine'] = gateway.git('config', 'annex.cluster.mine');
  server = await startHttpServer(scene, 'ours', gateway.path, ['--wideopen', '-q']);
  client = scene.clone('gw', 'client', { by: 'none' });
  client.git('remote', 'rename', 'origin', 'gw');
  client.git('config', 'annex.security.allowed-ip-addresses', '127.0.0.1');
  client.git('config', 'remote.gw.annexUrl', annexUrl(server));
  client.must('real', 'init', '-q', 'client');
  client.must('real', 'get', '-q', '.');
});
afterAll(() => scene?.remove());

const annexUrl = ({ port }: HttpServer) => `annex+http://127.0.0.1:${port}/git-annex/`;

/** The repositories that have a file, as a repository's location log says. */
function places(repository: Repository, file: string): string[] {
  const key = client.must('real', 'lookupkey', file).trim();
  const { whereis } = JSON.parse(repository.must('real', 'whereis', '--json', '--key', key)) as {
    whereis: { uuid: string }[];
  };
  return whereis.map(({ uuid }) => uuid);
}

async function request(method: 'GET' | 'POST', uuid: string, rest: string, more: object = {}) {
  const target = `/git-annex/${uuid}/${rest}${rest.includes('?') ? '&' : '?'}clientuuid=${CLIENT}`;
  return ask(server.port, { method, target, ...more });
}

it.each([
  ['real', 'near'],
  ['ours', 'web'],
] as const)(
  '%s sends contents through our gateway to %s, and gets, checks, locks and drops them',
  (who, name) => {
    const uuid = uuids[name];
    client.must(who, 'copy', '--to', `gw-${name}`, 'f', 'big');
    for (const one of [client, gateway]) expect(places(one, 'big')).toContain(uuid);
    expect((name === 'near' ? near : web).must('real', 'find', '--in=here')).toBe('big\nf\n');
    client.must(who, 'drop', '--force', 'big');
    client.must(who, 'get', '--from', `gw-${name}`, 'big');
    client.must(who, 'fsck', '-q', '--from', `gw-${name}`, 'f');
    client.must(who, 'drop', '--numcopies=2', 'f');
    client.must(who, 'get', '--from', `gw-${name}`, 'f');
    client.must(who, 'drop', '--from', `gw-${name}`, 'f', 'big');
    for (const one of [client, gateway]) expect(places(one, 'f')).not.toContain(uuid);
  },
);

it.each(['real', 'ours'] as const)('%s sends a content once to a cluster over http', (who) => {
  client.must(who, 'copy', '--to', 'gw-mine', 'g', 'big');
  // The name, which tells who wants it, comes with the content, and not with the question whether it is there.
  for (const node of [near, far]) expect(node.must('real', 'find', '--in=here')).toBe('big\ng\n');
  const nodes = [uuids['near'], uuids['far'], uuids['mine']];
  expect(places(client, 'g')).toEqual(expect.arrayContaining(nodes));
  expect(places(gateway, 'g')).toEqual(expect.arrayContaining(nodes));
  client.must(who, 'drop', '--force', 'g');
  client.must(who, 'get', '--from', 'gw-mine', 'g');
  client.must(who, 'drop', '--from', 'gw-mine', 'g', 'big');
  expect(places(client, 'g')).toHaveLength(2);
  expect(places(gateway, 'g')).toEqual([uuidOf(gateway)]);
});

it("passes git-annex's own test of remotes, with a node and with the cluster", () => {
  for (const remote of ['gw-web', 'gw-mine']) {
    const { status, stdout, stderr } = client.real('testremote', '--fast', remote, '--size=20kb');
    expect(stdout + stderr).toMatch(/All \d+ tests passed/);
    expect(status).toBe(0);
  }
  // git-annex's server behind the gateway does not answer who wants to remove what is locked.
  const proofs = '--only=locks and proofs; remote chunksize=0 encryption=none';
  client.must('ours', 'testremote', '--fast', 'gw-mine', proofs);
});

it('says so when a node is out of reach, and uses it again when it is back', async () => {
  const key = client.must('real', 'lookupkey', 'h').trim();
  const there = async () => request('POST', uuids['near'] as string, `v4/checkpresent?key=${key}`);
  expect((await there()).body).toBe('{"present":false}');
  renameSync(near.path, `${near.path}.away`);
  expect((await there()).status).toBe(503);
  expect((await request('GET', uuids['near'] as string, `v4/key/${key}`)).status).toBe(503);
  for (const who of ['real', 'ours'] as const)
    expect(client.annex(who, 'copy', '--to', 'gw-near', 'h').status).toBe(1);
  expect(client.real('drop', '--from', 'gw-near', 'h', '--force').stderr).toContain(
    '503 Service Unavailable',
  );
  client.must('real', 'copy', '--to', 'gw-mine', 'h');
  expect(places(client, 'h')).toContain(uuids['far']);
  expect(places(client, 'h')).not.toContain(uuids['near']);
  renameSync(`${near.path}.away`, near.path);
  await expect.poll(async () => (await there()).status, { timeout: 20_000, interval: 100 }).toBe(200);
  expect((await request('POST', CLIENT, `v4/checkpresent?key=${key}`)).status).toBe(404);
});

it("our client finds its way through git-annex's gateway, too", async () => {
  // It does not reach nodes over http, and never answers when one is out of reach.
  const real = await startHttpServer(scene, 'real', gateway.path, ['--wideopen']);
  client.git('config', 'remote.gw.annexUrl', annexUrl(real));
  client.must('ours', 'copy', '--to', 'gw-near', 'f');
  client.must('ours', 'copy', '--to', 'gw-mine', 'g');
  expect(places(client, 'g')).toEqual(expect.arrayContaining([uuids['near'], uuids['far']]));
  client.must('ours', 'drop', '--numcopies=2', 'f');
  client.must('ours', 'get', '--from', 'gw-near', 'f');
  client.must('ours', 'drop', '--from', 'gw-mine', 'g');
  expect(places(client, 'g')).toHaveLength(2);
  await real.stop();
  await server.stop();
  await webServer.stop();
  for (const repository of [gateway, near, far, web]) expectSound(repository, { dirty: true });
});
