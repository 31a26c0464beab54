import { type ChildProcess, spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../support/free-port.js';
import { startHttpServer } from '../support/http-server.js';
import { createScene, type Repository, type Scene } from '../support/scene.js';

/** A web server of plain files, with ranges; a process of its own, since the programs under test are waited for. */
const WEB_SERVER = `
const http = require('http'), fs = require('fs'), path = require('path');
const [root, port] = process.argv.slice(1);
http.createServer((request, response) => {
  const file = path.join(root, path.normalize(decodeURIComponent(new URL(request.url, 'http://h').pathname)));
  const stats = fs.statSync(file, { throwIfNoEntry: false });
  if (!stats || stats.isDirectory()) return response.writeHead(404).end();
  const start = Number(/^bytes=(\\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const headers = { 'Content-Length': stats.size - start };
  if (start > 0) headers['Content-Range'] = 'bytes ' + start + '-' + (stats.size - 1) + '/' + stats.size;
  response.writeHead(start > 0 ? 206 : 200, headers);
  if (request.method === 'HEAD') response.end();
  else fs.createReadStream(file, { start }).pipe(response);
}).listen(Number(port), '127.0.0.1', () => console.log('ready'));
`;

let scene: Scene;
let web: ChildProcess;
let webPort: number;
let server: Repository;
let apiPort: number;

beforeAll(async () => {
  scene = createScene();
  const start = scene.create('start', { description: 'start' });
  for (const name of ['a', 'b', 'c', 'd']) start.write(name, `content of ${name}\n`);
  start.write('big', Buffer.alloc(3_000_000, 'abcdefg'));
  start.write('empty', '');
  start.must('real', 'add', '-q', '.');
  start.git('commit', '-qm', 'files');
  server = scene.clone('start', 'server.git', { by: 'real', bare: true, description: 'server' });
  start.git('remote', 'add', 'server', '../server.git');
  start.must('real', 'copy', '-q', '--to', 'server', '.');
  start.must('real', 'sync', '-q', '--no-content', 'server');
  // As few workers as it can have: it hangs when asked for more at once.
  apiPort = await freePort();
  const listen = ['--bind', '127.0.0.1', '--port', String(apiPort)];
  scene.start('real', ['p2phttp', '-J2', '--wideopen', ...listen], server.path);
  await answering(apiPort);
  server.git('update-server-info');
  webPort = await freePort();
  web = spawn(process.execPath, ['-e', WEB_SERVER, scene.directory, String(webPort)]);
  await new Promise((resolve) => web.stdout?.once('data', resolve));
});
afterAll(async () => {
  web?.kill();
  scene.remove();
});

async function answering(port: number): Promise<void> {
  for (;;) {
    const answered = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined);
    if (answered !== undefined) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const uuidOf = (repository: Repository) => repository.git('config', 'annex.uuid');

function clone(name: string, allowed = '127.0.0.1'): Repository {
  const client = scene.clone('server.git', name, { by: 'none' });
  client.git('remote', 'set-url', 'origin', `http://127.0.0.1:${webPort}/server.git`);
  client.git('config', 'annex.security.allowed-ip-addresses', allowed);
  client.must('ours', 'init', name);
  return client;
}

describe('a git repository on a plain web server', () => {
  it('gives its uuid and its contents, to go on where they broke off, and takes none', () => {
    const client = clone('plain');
    expect(client.git('config', 'remote.origin.annex-uuid')).toBe(uuidOf(server));
    client.must('ours', 'get', 'a', 'empty', 'big');
    expect(client.must('ours', 'fsck', '--from', 'origin', 'a', 'b', '--fast')).toMatch(/a ok\n.*b ok/s);
    client.write('new', 'new content\n');
    client.must('ours', 'add', '-q', 'new');
    client.git('commit', '-qm', 'new');
    expect(client.ours('copy', '--to', 'origin', 'new')).toMatchObject({ status: 1 });
    expect(client.ours('drop', '--from', 'origin', 'a')).toMatchObject({ status: 1 });
    // A copy there counts, also for git-annex, as long as none has to be locked.
    client.must('ours', 'mincopies', '-q', '2');
    for (const who of ['ours', 'real'] as const)
      expect(client.annex(who, 'drop', 'a').stdout).toContain(
        'These remotes do not support locking: origin\n',
      );
    client.must('ours', 'mincopies', '-q', '1');
    for (const who of ['ours', 'real'] as const) {
      expect(client.must(who, 'drop', 'a')).toContain('drop a ok\n');
      client.must('ours', 'get', 'a');
    }
    client.must('ours', 'setpresentkey', client.must('ours', 'lookupkey', 'c').trim(), uuidOf(server), '0');
    expect(client.ours('get', 'c').stdout).toContain('get c (not available)');
    client.git('config', 'remote.origin.annex-speculate-present', 'true');
    expect(client.must('ours', 'get', 'c')).toContain('get c (from origin...) ok\n');
    client.real('fsck', '-q');
  });

  it('is not asked where its address is not allowed', () => {
    const client = clone('refused', '10.0.0.1');
    const again = client.git('config', '--unset', 'remote.origin.annex-ignore') + client.ours('init').stderr;
    expect(again).toContain('Remote origin not usable by git-annex; setting annex-ignore');
    expect(client.git('config', 'remote.origin.annex-ignore')).toBe('true');
    client.git('config', '--unset', 'remote.origin.annex-ignore');
    const { status, stderr } = client.ours('get', 'a');
    expect(status).toBe(1);
    expect(stderr).toContain(
      'Configuration of annex.security.allowed-ip-addresses does not allow accessing address 127.0.0.1',
    );
  });
});

describe("git-annex's own p2phttp", () => {
  it('is found, and serves our client: get, copy, drop, move, fsck and sync', () => {
    server.git('config', 'annex.url', `annex+http://127.0.0.1:${apiPort}/git-annex/`);
    const client = clone('client');
    expect(client.git('config', 'remote.origin.annexurl')).toContain(`:${apiPort}/`);
    client.must('ours', 'get', '.');
    client.write('b\xff [x]', 'name that is no UTF-8\n');
    client.write('large', Buffer.alloc(2_000_000, 'xyz'));
    client.must('ours', 'add', '-q', '.');
    client.git('commit', '-qm', 'more');
    client.must('ours', 'copy', '--to', 'origin', '.');
    // Several at once would hang the server: each lock takes one of its workers.
    expect(client.must('ours', 'drop', '.').match(/ok$/gm)).toHaveLength(8);
    client.must('ours', 'get', 'a', 'b', 'large');
    client.must('ours', 'move', '--to', 'origin', 'a', 'large');
    client.must('ours', 'move', '--from', 'origin', 'a', 'large');
    expect(client.must('ours', 'fsck', '--from', 'origin').match(/ok$/gm)).toHaveLength(8);
    client.must('ours', 'drop', '--from', 'origin', 'b');
    expect(server.must('real', 'findkeys')).toMatch(/s3000000/);
    expect(server.must('real', 'findkeys')).not.toMatch(/s2000000/);
    // The other side's git is only a web server of files here.
    expect(client.must('ours', 'pull', '--content', 'origin')).toMatch(/get c /);
    client.must('real', 'fsck', '-q');
    client.must('real', 'fsck', '-q', '--from', 'origin', '--fast');
  });

  it('is looked for anew when it has moved', async () => {
    const client = clone('moved');
    const gone = await freePort();
    client.git('config', 'remote.origin.annexurl', `annex+http://127.0.0.1:${gone}/git-annex/`);
    client.must('ours', 'get', 'empty', 'c');
    expect(client.git('config', 'remote.origin.annexurl')).toContain(`:${apiPort}/`);
    server.git('config', '--unset', 'annex.url');
    client.git('config', 'remote.origin.annexurl', `annex+http://127.0.0.1:${gone}/git-annex/`);
    const { status, stdout, stderr } = client.ours('get', 'd');
    expect(status).toBe(1);
    expect(`${stdout}${stderr}`).toMatch(/Unable to access these remotes: origin|connection refused/);
  });
});

describe('eight clients of ours', () => {
  it('get everything from our p2phttp at the same time', async () => {
    const ours = await startHttpServer(scene, 'ours', server.path, ['--wideopen', '-q']);
    server.git('config', 'annex.url', `annex+http://127.0.0.1:${ours.port}/git-annex/`);
    clone('one');
    const clients = [1, 2, 3, 4, 5, 6, 7, 8].map((number) => {
      scene.copy('one', `one-${number}`);
      return scene.repository(`one-${number}`);
    });
    const ends = await Promise.all(
      clients.map(
        ({ path }) => scene.start('ours', ['get', 'c', 'd', 'big', 'empty'], path, { input: '' }).ended,
      ),
    );
    expect(ends.map(({ status }) => status)).toEqual(clients.map(() => 0));
    await ours.stop();
  });
});
