import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { request as plainRequest } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HttpServer, startHttpServer } from '../support/http-server.js';
import { expectSound } from '../support/judge.js';
import { ask, open, parseAnswer, readAll, readUntil } from '../support/raw-http.js';
import { createScene, must, type Repository, type Scene } from '../support/scene.js';

const CLIENT = '99999999-2222-4333-8444-555555555555';
const USERS = { GIT_ANNEX_P2PHTTP_PASSWORD_alice: 'foo123' };

let scene: Scene;
let template: string;

beforeAll(() => {
  scene = createScene();
  const start = scene.create('start', { description: 'server' });
  for (const name of ['f', 'g', 'h']) start.write(name, `content of ${name}\n`);
  start.write('big', Buffer.alloc(3_000_000, 'abcdefg'));
  start.must('real', 'add', '-q', '.');
  start.git('commit', '-qm', 'files');
  template = 'start';
});
afterAll(() => scene.remove());

function copyOf(name: string): Repository {
  scene.copy(template, name);
  return scene.repository(name);
}

const uuidOf = (repository: Repository): string => repository.git('config', 'annex.uuid');
const keyOf = (repository: Repository, file: string): string =>
  repository.must('real', 'lookupkey', file).trim();

/** Asks until the answer is as it should be; a limit of patience only. */
async function eventually<T>(question: () => Promise<T> | T, right: (answer: T) => boolean): Promise<T> {
  for (let tries = 0; ; tries++) {
    const answer = await question();
    if (right(answer) || tries > 600) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Requests of one repository and client. */
function api(server: HttpServer, uuid: string) {
  const target = (rest: string) => `/git-annex/${uuid}/v4/${rest}&clientuuid=${CLIENT}`;
  return {
    get: (key: string) => ({ method: 'GET', target: target(`key/${key}?`) }),
    put: (key: string, length: number, headers: Record<string, string>) => ({
      method: 'POST',
      target: target(`put?key=${key}`),
      headers: { 'X-git-annex-data-length': String(length), ...headers },
    }),
    keepLocked: (id: string) => ({
      method: 'POST',
      target: target(`keeplocked?lockid=${id}`),
      headers: { 'Transfer-Encoding': 'chunked' },
    }),
    async json(rest: string): Promise<Record<string, unknown>> {
      const { body } = await ask(server.port, { method: 'POST', target: target(rest) });
      return JSON.parse(body) as Record<string, unknown>;
    },
  };
}

describe('git-annex as the client of our p2phttp', () => {
  it.each(['real', 'ours'] as const)(
    '%s: gets, stores, moves, locks and drops, with a password',
    async (who) => {
      const server = copyOf(`server-${who}`);
      const client = scene.clone(`server-${who}`, `client-${who}`, { by: who });
      const log = scene.path(`log-${who}`);
      const http = await startHttpServer(
        scene,
        'ours',
        server.path,
        ['--authenv-http', '--access-log', log],
        USERS,
      );
      client.git('config', 'annex.security.allowed-ip-addresses', '127.0.0.1 ::1');
      client.git('config', 'remote.origin.annexUrl', `annex+http://localhost:${http.port}/git-annex/`);
      client.git('config', 'credential.helper', '!f() { echo username=alice; echo password=foo123; }; f');

      client.must(who, 'get', 'f', 'g');
      client.write('new', 'new content\n');
      client.write('empty', '');
      client.write('large', Buffer.alloc(2_000_000, 'xyz'));
      client.must(who, 'add', '.');
      client.git('commit', '-qm', 'new files');
      // What attempts before left on either side is not sent again.
      const large = Buffer.alloc(2_000_000, 'xyz');
      const [big, upload] = [keyOf(client, 'big'), keyOf(client, 'large')];
      mkdirSync(join(server.gitDirectory, 'annex/tmp'), { recursive: true });
      mkdirSync(join(client.gitDirectory, 'annex/tmp'), { recursive: true });
      writeFileSync(join(server.gitDirectory, 'annex/tmp', upload), large.subarray(0, 5000));
      writeFileSync(join(client.gitDirectory, 'annex/tmp', big), Buffer.alloc(7000, 'abcdefg'));
      client.must(who, 'copy', '--to', 'origin', 'new', 'empty', 'large');
      client.must(who, 'get', 'big');
      const lines = readFileSync(log, 'latin1').split('\n');
      const line = (...words: string[]) => lines.find((text) => words.every((word) => text.includes(word)));
      expect(line('put?', upload, 'offset=5000', '" 200 ')).toBeDefined();
      expect(line('/key/', big, 'offset=7000', '" 200 2993000 ')).toBeDefined();
      expect(line(' - alice [', 'put?')).toBeDefined();
      expect(lines.join('\n')).not.toContain('foo123');

      client.must(who, 'drop', 'new', 'empty');
      if (who === 'real') {
        client.must('real', 'get', 'new', 'empty');
        client.must('real', 'move', '--from', 'origin', 'new');
        client.must('real', 'move', '--to', 'origin', 'new');
        client.must('real', 'drop', '--from', 'origin', 'g');
        client.must('real', 'fsck', '--from', 'origin', 'f', 'big', 'large', 'empty');
        client.must('real', 'testremote', '--fast', '--size=20kB', 'origin');
      }
      await http.stop();
      expect((await http.running.ended).stderr).toBe('');
      if (who === 'real') expectSound(server, { missingCopies: true });
      // The location log is in the branch.
      expect(readdirSync(join(server.gitDirectory, 'annex/journal'))).toEqual([]);
    },
  );
});

describe('locks of clients that vanish', () => {
  it('keep content from being removed for ten minutes, even from a server started later', async () => {
    const server = copyOf('locks');
    const [f, g] = [keyOf(server, 'f'), keyOf(server, 'g')];
    const first = await startHttpServer(scene, 'ours', server.path, ['--wideopen', '-q']);
    const asked = api(first, uuidOf(server));
    const lock = async (key: string) => String((await asked.json(`lockcontent?key=${key}`))['lockid']);

    const released = await open(first.port, asked.keepLocked(await lock(g)));
    released.write('10\r\n{"unlock":false}\r\n');
    expect(await asked.json(`remove?key=${g}`)).toEqual({ plusuuids: [], removed: false });
    const answer = readUntil(released, (text) => text.endsWith('}'));
    released.write('f\r\n{"unlock":true}\r\n0\r\n\r\n');
    expect(parseAnswer(await answer).body).toBe('{"locked":false}');
    released.destroy();
    expect(await asked.json(`remove?key=${g}`)).toEqual({ plusuuids: [], removed: true });

    const vanishing = await open(first.port, asked.keepLocked(await lock(f)));
    vanishing.write('10\r\n{"unlock":false}\r\n');
    vanishing.destroy();
    await first.stop();
    server.git('config', 'annex.diskreserve', '9000TB');
    const second = await startHttpServer(scene, 'ours', server.path, ['--wideopen', '-q']);
    const then = api(second, uuidOf(server));
    expect(await then.json(`remove?key=${f}`)).toEqual({ plusuuids: [], removed: false });
    // The reserve also counts for keys that tell no size.
    const { body } = await ask(second.port, { ...then.put('WORM--unsized', 3, {}), body: 'abc' });
    expect(body).toBe('{"plusuuids":[],"stored":false}');
    await second.stop();
    // git-annex keeps to it, too.
    expect(server.real('drop', '--force', 'f').status).toBe(1);
  });
});

describe('uploads', () => {
  it('that break are noted while they last, and go on where they broke', async () => {
    const server = copyOf('uploads');
    const http = await startHttpServer(scene, 'ours', server.path, ['--wideopen', '-q']);
    const asked = api(http, uuidOf(server));
    const key = 'WORM-s300000-m1--upload';
    const broken = await open(http.port, asked.put(key, 300_000, { 'Content-Length': '300000' }));
    broken.write(Buffer.alloc(200_000, 'x'));
    const note = join(server.gitDirectory, 'annex/transfer/download', CLIENT, key);
    expect(await eventually(() => existsSync(note), Boolean)).toBe(true);
    expect(server.must('real', 'info', '--json')).toContain(key);
    expect(await asked.json(`put?key=${key}`).catch(() => 'no length')).toBe('no length');
    broken.destroy();
    expect(
      await eventually(
        () => existsSync(note),
        (there) => !there,
      ),
    ).toBe(false);
    const { offset } = await asked.json(`putoffset?key=${key}`);
    expect(offset).toBeGreaterThan(0);
    expect(offset).toBeLessThanOrEqual(200_000);
    const left = 300_000 - Number(offset);
    const rest = { ...asked.put(key, left, {}), body: 'x'.repeat(left) };
    const resumed = await ask(http.port, { ...rest, target: `${rest.target}&offset=${offset}` });
    expect(resumed.body).toBe('{"plusuuids":[],"stored":true}');
    const all = await ask(http.port, asked.get(key));
    expect([all.headers['x-git-annex-data-length'], all.body.length]).toEqual(['300000', 300_000]);
    await http.stop();
    expect(server.must('real', 'whereis', '--key', key)).toContain('[here]');
  });

  it('of eight clients at once, with a thousand idle ones and a hundred who read nothing', async () => {
    const server = copyOf('many');
    const http = await startHttpServer(scene, 'ours', server.path, ['--wideopen', '-q']);
    const asked = api(http, uuidOf(server));
    const quiet = { method: 'GET', target: '', headers: {} };
    const idle = await Promise.all(Array.from({ length: 1000 }, () => open(http.port, quiet)));
    const big = keyOf(server, 'big');
    const readers = await Promise.all(
      Array.from({ length: 100 }, async () => {
        const socket = await open(http.port, asked.get(big));
        socket.pause();
        return socket;
      }),
    );
    const answers = await Promise.all(
      Array.from({ length: 8 }, async (_, i) => {
        const key = `WORM-s100000-m1--client${i}`;
        const put = await ask(http.port, { ...asked.put(key, 100_000, {}), body: 'x'.repeat(100_000) });
        const present = await asked.json(`checkpresent?key=${key}`);
        return [put.body, present['present']];
      }),
    );
    expect(new Set(answers.map(String))).toEqual(new Set(['{"plusuuids":[],"stored":true},true']));
    for (const socket of [...idle, ...readers]) socket.destroy();
    await http.stop();
  });
});

describe('the server', () => {
  it('serves all repositories below a folder, those that come later and no others', async () => {
    const folder = scene.path('folder');
    mkdirSync(join(folder, 'deep/er'), { recursive: true });
    const one = copyOf('folder/deep/er/one');
    const bare = scene.create('folder/bare.git', { bare: true });
    const http = await startHttpServer(scene, 'ours', scene.directory, [
      '--directory',
      folder,
      '--wideopen',
      '-q',
    ]);
    const key = keyOf(one, 'f');
    const presentIn = async (repository: Repository) =>
      (await api(http, uuidOf(repository)).json(`checkpresent?key=${key}`))['present'];
    expect([await presentIn(one), await presentIn(bare)]).toEqual([true, false]);
    const other = scene.create('outside');
    const missing = (uuid: string) =>
      ask(http.port, { method: 'GET', target: `/git-annex/${uuid}/key/${key}` });
    expect((await missing(uuidOf(other))).status).toBe(404);
    const late = scene.create('folder/deep/late');
    expect(await presentIn(late)).toBe(false);
    const uuid = uuidOf(bare);
    rmSync(bare.path, { recursive: true, force: true });
    expect((await missing(uuid)).status).toBe(404);
    await http.stop();
  });

  it('speaks TLS, listens on a socket, and says what is wrong with its options', async () => {
    const server = copyOf('doors');
    const [cert, key, socketPath] = ['cert.pem', 'key.pem', 'socket'].map((name) => scene.path(name)) as [
      string,
      string,
      string,
    ];
    const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const files = ['-keyout', key, '-out', cert];
    const kind = [
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '9',
    ];
    const renewed = () =>
      must(scene.run('openssl', ['req', ...kind, ...names, ...files], scene.directory), 'openssl');
    renewed();
    const tls = ['--certfile', cert, '--privatekeyfile', key];
    const http = await startHttpServer(scene, 'ours', server.path, ['--authenv', '-q', ...tls], USERS);
    const path = `/git-annex/${uuidOf(server)}/key/${keyOf(server, 'f')}`;
    const statusOf = (options: object, ask = request) =>
      new Promise<number | undefined>((resolve, reject) => {
        const asking = ask({ path, agent: false, ...options }, (answer) => {
          answer.resume();
          answer.on('end', () => resolve(answer.statusCode));
        });
        asking.on('error', reject).end();
      });
    const secure = { host: 'localhost', family: 4, port: http.port, ca: readFileSync(cert) };
    expect(await statusOf(secure)).toBe(401);
    expect(await statusOf({ ...secure, auth: 'alice:foo123' })).toBe(200);
    renewed();
    const anew = () => statusOf({ ...secure, ca: readFileSync(cert) }).catch(() => 0);
    expect(await eventually(anew, (status) => status === 401)).toBe(401);
    // The one of before is not known any more.
    expect(await statusOf(secure).catch(() => 0)).toBe(0);
    await http.stop();

    // Who knows the root alone needs the certificate between it and the server's.
    const signed = (name: string, by?: string) => {
      const issuer = by === undefined ? [] : ['-CA', `${by}.pem`, '-CAkey', `${by}.key`];
      const made = ['-keyout', `${name}.key`, '-out', `${name}.pem`];
      const subject = ['-subj', `/CN=${name}`, ...names.slice(2)];
      must(
        scene.run('openssl', ['req', ...kind, ...subject, ...issuer, ...made], scene.directory),
        'openssl',
      );
    };
    signed('root');
    signed('middle', 'root');
    signed('leaf', 'middle');
    const leaf = ['--certfile', scene.path('leaf.pem'), '--privatekeyfile', scene.path('leaf.key')];
    for (const chain of [['--chainfile', scene.path('middle.pem')], []]) {
      const chained = await startHttpServer(scene, 'ours', server.path, [
        '--wideopen',
        '-q',
        ...leaf,
        ...chain,
      ]);
      const asked = statusOf({ ...secure, port: chained.port, ca: readFileSync(scene.path('root.pem')) });
      expect(await asked.catch(() => 0)).toBe(chain.length > 0 ? 200 : 0);
      await chained.stop();
    }
    const useless = await startHttpServer(scene, 'ours', server.path, ['--authenv', '-q']);
    await useless.stop();
    expect((await useless.running.ended).stderr).toMatch(/^Passwords are taken over TLS only/);

    // A socket that a killed server left is taken over.
    for (const end of ['SIGKILL', 'SIGTERM'] as const) {
      const args = ['p2phttp', '--socket', socketPath, '--unauth-readonly', '-q'];
      const { child, ended } = scene.start('ours', args, server.path);
      const asked = () => statusOf({ socketPath }, plainRequest).catch(() => 0);
      expect(await eventually(asked, (status) => status === 200)).toBe(200);
      child.kill(end);
      await ended;
    }
    expect(existsSync(socketPath)).toBe(false);

    const wrong = (...args: string[]) => scene.annex('ours', ['p2phttp', ...args], server.path);
    expect(wrong('--certfile', cert).stderr).toMatch(/both --certfile and --privatekeyfile/);
    expect(wrong('--certfile', key, '--privatekeyfile', cert).stderr).toMatch(/cannot be used/);
    expect(wrong('--port', '70000').stderr).toMatch(/option --port: cannot parse/);
    expect(wrong('--bind', '192.0.2.1', '--port', '0').stderr).toMatch(/cannot listen on 192.0.2.1/);
    expect(scene.annex('ours', ['p2phttp'], scene.directory).stderr).toMatch(/[Nn]ot in a git repository/);
  });

  it('ends in order when it is told to: what is being sent is finished', async () => {
    const server = copyOf('ending');
    const http = await startHttpServer(scene, 'ours', server.path, ['--wideopen', '-q']);
    const asked = api(http, uuidOf(server));
    const socket = await open(http.port, asked.get(keyOf(server, 'big')), 'close');
    await readUntil(socket, (text) => text.length > 0);
    const rest = readAll(socket);
    http.running.child.kill('SIGTERM');
    expect((await rest).endsWith('\r\n0\r\n\r\n')).toBe(true);
    expect(await http.running.ended).toEqual({ status: 0, stdout: '', stderr: '' });
  });
});
