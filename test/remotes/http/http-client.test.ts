import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import {
  type AddressInfo,
  connect,
  createServer as createPlainServer,
  type Server,
  type Socket,
} from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type ByteString, fromText } from '../../../src/lib/bytes.js';
import { createAddressRules } from '../../../src/remotes/http/address-rules.js';
import { createHttpClient, type HttpClient } from '../../../src/remotes/http/http-client.js';
import { isSilence } from '../../../src/remotes/http/http-failures.js';
import { createSites } from '../../../src/remotes/http/site-settings.js';

let folder: string;
const closing: (() => unknown)[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'http-client-'));
  const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')];
  const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...files, ...name],
    {
      stdio: 'ignore',
    },
  );
});
afterEach(() => {
  for (const close of closing.splice(0).reverse()) close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Settings of git config; `http.x` or `http.URL.x`. */
function settingsOf(values: Record<string, string | readonly string[]>) {
  const getAll = (name: string) => [values[name] ?? []].flat().map((value) => fromText(value));
  const subsections = () =>
    Object.keys(values).flatMap((name) => (/^http\.(.+)\.[^.]+$/.exec(name)?.[1] ?? []) as ByteString[]);
  return { getAll, get: (name: string) => getAll(name).at(-1), subsections };
}

function clientWith(
  values: Record<string, string | readonly string[]> = {},
  environment: NodeJS.ProcessEnv = {},
): HttpClient {
  const settings = settingsOf({ 'annex.security.allowed-ip-addresses': '127.0.0.1 ::1', ...values });
  const rules = createAddressRules(settings);
  const client = createHttpClient({
    rules,
    patience: 20_000,
    userAgent: 'test',
    sites: createSites({ settings, rules, name: undefined, environment }),
  });
  closing.push(() => client.close());
  return client;
}

/** Listens on a port that is free, and on all addresses that `localhost` may have. */
async function listening(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  closing.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;
const serve = (answer: Answer) => listening(createServer(answer));
const serveTls = (answer: Answer) =>
  listening(
    createTlsServer(
      { cert: readFileSync(join(folder, 'cert.pem')), key: readFileSync(join(folder, 'key.pem')) },
      answer,
    ),
  );

async function textOf(
  client: HttpClient,
  url: string,
  headers: Record<string, string> = {},
): Promise<string> {
  return (await client.send({ method: 'GET', url, headers })).text();
}

describe('connections', () => {
  test('are used again, and replaced when the server has closed them meanwhile', async () => {
    const sockets = new Set<unknown>();
    const port = await serve((request, response) => {
      sockets.add(request.socket);
      if (request.url === '/last') response.on('finish', () => request.socket.destroy());
      response.end(`${request.method} ${request.url}`);
    });
    const client = clientWith();
    const url = `http://127.0.0.1:${port}`;
    expect(await textOf(client, `${url}/a`)).toBe('GET /a');
    expect(await textOf(client, `${url}/b`)).toBe('GET /b');
    expect((await client.send({ method: 'HEAD', url })).status).toBe(200);
    expect(await textOf(client, `${url}/last`)).toBe('GET /last');
    expect(sockets.size).toBe(1);
    expect(await textOf(client, `${url}/c`)).toBe('GET /c');
    expect(sockets.size).toBe(2);
  });

  test('that bring no answer are given up, and what may be asked twice is asked on another', async () => {
    let silent = 2;
    const sockets = new Set<unknown>();
    const port = await serve((request, response) => {
      sockets.add(request.socket);
      if (silent-- <= 0) response.end('at last');
    });
    const ask = async (attempts: readonly (number | undefined)[]) =>
      (await clientWith().send({ method: 'GET', url: `http://127.0.0.1:${port}/`, attempts })).text();
    await expect(ask([20])).rejects.toSatisfy(isSilence);
    expect(await ask([20, undefined])).toBe('at last');
    expect(sockets.size).toBe(3);
    silent = 9;
    await expect(ask([20, 20])).rejects.toSatisfy(isSilence);
    expect(sockets.size).toBe(5);
  });

  test('that end early are no answers, and a body may end with its connection', async () => {
    const answers = [
      '',
      'HTTP/1.1 200',
      'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello',
      'HTTP/1.1 200 OK\r\n\r\nhello',
    ];
    const port = await listening(
      createPlainServer((socket) => socket.once('data', () => socket.end(answers.shift() ?? ''))),
    );
    const ask = () => textOf(clientWith(), `http://127.0.0.1:${port}/`);
    await expect(ask()).rejects.toMatchObject({ code: 'remote-unavailable' });
    await expect(ask()).rejects.toMatchObject({ code: 'remote-unavailable' });
    await expect(ask()).rejects.toMatchObject({ code: 'connection-lost' });
    expect(await ask()).toBe('hello');
  });

  test('carry bodies both ways whatever their size, and hold back who sends faster than is read', async () => {
    const total = 64 << 20;
    let sent = 0;
    const port = await serve(async (request, response) => {
      if (request.method === 'POST') {
        let sum = 0;
        for await (const piece of request as AsyncIterable<Buffer>) for (const byte of piece) sum += byte;
        return response.end(String(sum));
      }
      const piece = Buffer.alloc(1 << 20, 'abcdefgh');
      for (; sent < total; sent += piece.length) {
        if (!response.write(piece)) await new Promise((resolve) => response.once('drain', resolve));
      }
      return response.end();
    });
    const client = clientWith();
    const url = `http://127.0.0.1:${port}/`;
    const response = await client.send({ method: 'GET', url });
    const hash = createHash('sha256');
    let came = 0;
    for await (const bytes of response.body) {
      // The server gets its chance to send all there is.
      for (let wait = 0; came === 0 && sent < total && wait < 50; wait++)
        await new Promise((resolve) => setTimeout(resolve, 10));
      if (came === 0) expect(sent).toBeLessThan(total);
      came += bytes.length;
      hash.update(bytes);
      response.recycle(bytes);
    }
    expect(came).toBe(total);
    expect(hash.digest('hex')).toBe(
      createHash('sha256').update(Buffer.alloc(total, 'abcdefgh')).digest('hex'),
    );
    const freed: number[] = [];
    const body = [Buffer.from('abc'), Buffer.alloc(0), Buffer.alloc(3 << 20, 1), Buffer.from('d')];
    const recycle = (piece: Uint8Array) => void freed.push(piece.length);
    const answer = await client.send({ method: 'POST', url, body, recycle });
    expect(await answer.text()).toBe(String(97 + 98 + 99 + 100 + (3 << 20)));
    expect(freed).toEqual([3, 3 << 20, 1]);
  });

  test('end when they are not wanted any more', async () => {
    const port = await serve((request, response) => {
      if (request.url !== '/silent') response.writeHead(200).write('x'.repeat(100_000));
    });
    const client = clientWith();
    const stop = new AbortController();
    const silent = client.send({
      method: 'GET',
      url: `http://127.0.0.1:${port}/silent`,
      signal: stop.signal,
    });
    const begun = await client.send({ method: 'GET', url: `http://127.0.0.1:${port}/`, signal: stop.signal });
    setTimeout(() => stop.abort(), 10);
    await expect(silent).rejects.toMatchObject({ code: 'interrupted' });
    await expect(begun.text()).rejects.toMatchObject({ code: 'interrupted' });
    const late = client.send({ method: 'GET', url: `http://127.0.0.1:${port}/`, signal: stop.signal });
    await expect(late).rejects.toMatchObject({ code: 'interrupted' });
  });

  test('an answer that comes before all was sent ends the sending', async () => {
    const port = await serve((_, response) => void response.writeHead(403).end('no'));
    let pieces = 0;
    async function* endless() {
      for (; pieces < 2000; pieces++) yield Buffer.alloc(1 << 16);
    }
    const url = `http://127.0.0.1:${port}/`;
    const response = await clientWith()
      .send({ method: 'POST', url, body: endless() })
      .catch((error) => error);
    // What is still on its way may close the connection before the answer is read.
    expect(response.status ?? response.code).toSatisfy((one) => one === 403 || one === 'remote-unavailable');
    expect(pieces).toBeLessThan(2000);
  });
});

describe('https', () => {
  test('trusts what the settings name, and nobody else', async () => {
    const port = await serveTls((request, response) => void response.end(`over ${request.httpVersion}`));
    const url = `https://localhost:${port}/`;
    const cert = join(folder, 'cert.pem');
    await expect(textOf(clientWith(), url)).rejects.toMatchObject({ message: /certificate is self-signed/ });
    const trusting: readonly (readonly [Record<string, string>, NodeJS.ProcessEnv?])[] = [
      [{ 'http.sslcainfo': cert }],
      [{ 'http.sslcapath': folder }],
      [{ 'http.sslverify': 'false' }],
      [{ 'http.sslverify': 'true', [`http.https://localhost:${port}.sslverify`]: 'no' }],
      [{}, { GIT_SSL_CAINFO: cert }],
      [{}, { GIT_SSL_NO_VERIFY: '1' }],
    ];
    for (const [values, environment] of trusting) {
      const client = clientWith(values, environment);
      expect(await textOf(client, url)).toBe('over 1.1');
      expect(await textOf(client, url)).toBe('over 1.1');
    }
    const elsewhere = clientWith({ 'http.https://example.com.sslverify': 'false' });
    await expect(textOf(elsewhere, url)).rejects.toMatchObject({ code: 'remote-unavailable' });
    const missing = clientWith({ 'http.sslcainfo': join(folder, 'nothing') });
    await expect(textOf(missing, url)).rejects.toMatchObject({ code: 'invalid-setting' });
    const named = clientWith({ 'http.sslcainfo': cert, 'annex.security.allowed-ip-addresses': 'all' });
    const byAddress = textOf(named, `https://127.0.0.1:${port}/`);
    await expect(byAddress).rejects.toMatchObject({ message: /certificate is for another host/ });
  });
});

describe('headers of the settings', () => {
  test('are sent to whom they are for, and do not follow a redirect elsewhere', async () => {
    const port = await serve((request, response) => {
      if (request.url === '/away') response.writeHead(302, { Location: `http://localhost:${port}/` }).end();
      else response.end(`${request.headers['x-own']} ${request.headers.authorization}`);
    });
    const url = `http://127.0.0.1:${port}`;
    const client = clientWith({
      'http.extraheader': ['X-Own: old', '', 'X-Own: all'],
      [`http.${url}.extraheader`]: 'X-Own: here',
      [`http.${url}/repository.extraheader`]: 'X-Own: there',
      'http.http://localhost.extraheader': 'X-Own: another port',
    });
    expect(await textOf(client, `${url}/`, { Authorization: 'secret' })).toBe('here secret');
    for (const [path, own] of Object.entries({
      repository: 'there',
      'repository/x': 'there',
      repositories: 'here',
    }))
      expect(await textOf(client, `${url}/${path}`)).toBe(`${own} undefined`);
    expect(await textOf(client, `${url}/away`, { Authorization: 'secret' })).toBe('all undefined');
  });
});

describe('a proxy', () => {
  /** Relays; tells what it was asked for. */
  async function startProxy(asked: string[]): Promise<number> {
    const server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers['proxy-authorization']}`);
      response.end('from the proxy');
    });
    server.on('connect', (request: IncomingMessage, socket: Socket) => {
      asked.push(`CONNECT ${request.url}`);
      if (request.url?.startsWith('refused') === true) return socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      const [, port] = (request.url ?? '').split(':');
      const far = connect(Number(port), 'localhost', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        far.pipe(socket).pipe(far);
      });
      far.on('error', () => socket.destroy());
      return undefined;
    });
    return listening(server);
  }

  test('is used for http and https as the settings and the environment want', async () => {
    const asked: string[] = [];
    const proxy = await startProxy(asked);
    const plain = await serve((_, response) => void response.end('direct'));
    const secure = await serveTls((_, response) => void response.end('y'.repeat(1_000_000)));
    const at = `http://us%20er:pass@127.0.0.1:${proxy}`;
    const basic = `Basic ${Buffer.from('us er:pass').toString('base64')}`;
    const url = `http://localhost:${plain}/x`;
    expect(await textOf(clientWith({ 'http.proxy': at }), url)).toBe('from the proxy');
    expect(await textOf(clientWith({}, { http_proxy: `127.0.0.1:${proxy}` }), url)).toBe('from the proxy');
    expect(asked.splice(0)).toEqual([`GET ${url} ${basic}`, `GET ${url} undefined`]);
    const direct: readonly (readonly [Record<string, string>, NodeJS.ProcessEnv])[] = [
      [{ 'http.proxy': '' }, { http_proxy: at }],
      [{ 'http.proxy': at }, { no_proxy: 'example.com, localhost' }],
      [{}, { HTTP_PROXY: at, https_proxy: at }],
      [{}, { all_proxy: 'socks5://127.0.0.1:1' }],
      // An address that is not allowed.
      [{}, { http_proxy: `http://127.0.0.2:${proxy}` }],
    ];
    for (const [values, environment] of direct)
      expect(await textOf(clientWith(values, environment), url)).toBe('direct');
    const tunnelled = clientWith({ 'http.sslverify': 'false' }, { https_proxy: at });
    for (let round = 0; round < 2; round++)
      expect(await textOf(tunnelled, `https://localhost:${secure}/`)).toHaveLength(1_000_000);
    expect(asked.splice(0)).toEqual([`CONNECT localhost:${secure}`]);
    const refused = textOf(clientWith({}, { https_proxy: at }), 'https://refused.invalid/');
    await expect(refused).rejects.toMatchObject({ message: /the proxy does not let it through \(403\)/ });
  });

  test('is no way around the addresses that are allowed', async () => {
    const asked: string[] = [];
    const at = `http://127.0.0.1:${await startProxy(asked)}`;
    for (const host of ['10.0.0.1', '[fd00::1]']) {
      const send = textOf(clientWith({ 'http.proxy': at }), `http://${host}/`);
      await expect(send).rejects.toMatchObject({ code: 'permission' });
    }
    expect(asked).toEqual([]);
  });

  test('of a kind that is not supported is told', async () => {
    const send = textOf(clientWith({ 'http.proxy': 'socks5://127.0.0.1:1' }), 'http://127.0.0.1:1/');
    await expect(send).rejects.toMatchObject({ code: 'invalid-setting', message: /socks5: proxies/ });
  });
});
