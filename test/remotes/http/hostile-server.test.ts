import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { AnnexError } from '../../../src/domain/errors.js';
import type { Key } from '../../../src/domain/key.js';
import type { SafeDropProof } from '../../../src/domain/drop-proof.js';
import type { Uuid } from '../../../src/domain/uuid.js';
import { ascii } from '../../../src/lib/bytes.js';
import { streamOf } from '../../../src/lib/in-batches.js';
import { openRepository } from '../../../src/operations/open-repository.js';
import { createAddressRules } from '../../../src/remotes/http/address-rules.js';
import { createAnnexApi } from '../../../src/remotes/http/annex-api.js';
import { createParallelRequests } from '../../../src/planning/parallel-requests.js';
import { createAnnexHttpRemote } from '../../../src/remotes/http/annex-http-remote.js';
import { parseAnnexUrl } from '../../../src/remotes/http/annex-url.js';
import { createDumbHttpRemote } from '../../../src/remotes/http/dumb-http-remote.js';
import { createHttpClient, type HttpClient } from '../../../src/remotes/http/http-client.js';
import type { Remote } from '../../../src/remotes/remote.js';
import type { Repository } from '../../../src/repository/repository.js';
import { createSandbox, type Sandbox } from '../../support/annex-repository.js';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const UUID = '11111111-2222-4333-8444-555555555555' as Uuid;
const CONTENT = Buffer.alloc(100_000, 'abcdefghij');
const KEY = `SHA256-s100000--${createHash('sha256').update(CONTENT).digest('hex')}` as Key;
const identity = { name: ascii('far'), uuid: UUID, cost: 200, readonly: false };
const { signal } = new AbortController();

let sandbox: Sandbox;
let here: Repository;
let server: Server;
let answer: Answer;
let asked: string[] = [];
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  sandbox = createSandbox();
  here = await openRepository(ascii(sandbox.annex('here')));
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  for (const close of closing.splice(0)) close();
  server.closeAllConnections();
  asked = [];
});
afterAll(async () => {
  server.close();
  await here.close();
  sandbox.remove();
});

const port = () => (server.address() as AddressInfo).port;
const clientFor = (allowed = '127.0.0.1', patience = 20_000): HttpClient => {
  const client = createHttpClient({
    rules: createAddressRules({
      get: (name) => (name.endsWith('ip-addresses') ? ascii(allowed) : undefined),
    }),
    patience,
    userAgent: 'test',
  });
  closing.push(() => client.close());
  return client;
};

const noCredentials = {
  known: () => undefined,
  get: () => Promise.reject(new AnnexError('permission', 'no password')),
  approve: async () => undefined,
  reject: async () => undefined,
};

function remote(client = clientFor()): Remote {
  const url = parseAnnexUrl(`annex+http://127.0.0.1:${port()}/git-annex/`);
  if (url === undefined) throw new Error('no url');
  const api = createAnnexApi({
    client,
    server: url,
    uuid: UUID,
    clientUuid: here.uuid,
    credentials: noCredentials,
  });
  return createAnnexHttpRemote({
    parallel: createParallelRequests({ start: 6, most: 6 }),
    identity,
    here,
    api,
    verify: true,
    requests: () => 2,
    close: () => undefined,
  });
}

function dumb(client = clientFor()): Remote {
  const web = {
    send: (method: 'GET' | 'HEAD', url: string, more = {}) => client.send({ method, url, ...more }),
  };
  const url = `http://127.0.0.1:${port()}/x.git`;
  return createDumbHttpRemote({ identity, here, url, web, verify: true, window: 2, close: () => undefined });
}

/** What became of getting the content: `true`, or why not. */
async function get(from: Remote): Promise<true | AnnexError> {
  for await (const result of from.retrieve(streamOf([{ key: KEY, file: ascii('f') }]), { signal })) {
    return result.ok || result.error;
  }
  throw new Error('no result');
}

async function presence(of: Remote) {
  for await (const result of of.presence(streamOf([KEY]), { signal })) return result.presence;
  throw new Error('no result');
}

const json = (response: ServerResponse, value: unknown, status = 200) => {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
};
const promise = (response: ServerResponse, length: number) =>
  response.writeHead(200, { 'X-git-annex-data-length': String(length) });
const tmp = () => here.objects.tmpPath(KEY);

describe('a server that', () => {
  const cases: readonly (readonly [what: string, Answer, AnnexError['code'], RegExp])[] = [
    [
      'has another content',
      (_, r) => promise(r, 100_000).end(Buffer.alloc(100_000, 'x')),
      'content-corrupt',
      /verification/,
    ],
    ['promises another length', (_, r) => promise(r, 5).end('hello'), 'content-corrupt', /another size/],
    [
      'sends more than it promised',
      (_, r) => promise(r, 100_000).end(Buffer.alloc(200_000, 'abcdefghij')),
      'protocol',
      /more than it promised/,
    ],
    [
      'sends more than the key stands for',
      (_, r) => void r.writeHead(200).end(Buffer.alloc(200_000, 'abcdefghij')),
      'protocol',
      /more than/,
    ],
    [
      'has no such key',
      (q, r) => (q.method === 'GET' ? r.writeHead(404).end() : json(r, { present: false })),
      'content-missing',
      /does not have/,
    ],
    ['says so by an empty content', (_, r) => void promise(r, 0).end(), 'content-missing', /does not have/],
    [
      'has a length that makes no sense',
      (_, r) => void r.writeHead(200, { 'X-git-annex-data-length': '1e9' }).end(),
      'protocol',
      /makes no sense/,
    ],
    [
      'does not serve this repository',
      (_, r) => void r.writeHead(404).end(),
      'remote-unavailable',
      /does not serve repository 1111/,
    ],
    ['wants a password', (_, r) => void r.writeHead(401).end(), 'permission', /password/],
    ['forbids it', (_, r) => void r.writeHead(403).end(), 'permission', /does not allow this \(403\)$/],
    [
      'is broken',
      (_, r) => void r.writeHead(500).end('<b>\x1b[31mboom</b>'),
      'remote-unavailable',
      /answered 500: <b> \[31mboom/,
    ],
    [
      'is no http server',
      (_, r) => void r.socket?.end('SSH-2.0-OpenSSH\r\n'),
      'remote-unavailable',
      /not http/,
    ],
    ['closes at once', (_, r) => void r.socket?.destroy(), 'remote-unavailable', /closed/],
    [
      'sends headers without end',
      (_, r) => void r.socket?.write(`HTTP/1.1 200 OK\r\n${'X-A: b\r\n'.repeat(20_000)}`),
      'remote-unavailable',
      /headers/,
    ],
    [
      'redirects to a file',
      (_, r) => void r.writeHead(302, { Location: 'file:///etc/passwd' }).end(),
      'protocol',
      /redirects to a file: url/,
    ],
    [
      'redirects to a private address',
      (_, r) => void r.writeHead(302, { Location: 'http://169.254.169.254/x' }).end(),
      'permission',
      /allowed-ip-addresses does not allow.*169.254/,
    ],
    [
      'redirects in a circle',
      (q, r) => void r.writeHead(302, { Location: q.url ?? '' }).end(),
      'protocol',
      /too often/,
    ],
  ];
  test.each(cases)('%s: nothing is kept, and one sentence tells why', async (_, how, code, sentence) => {
    answer = how;
    const result = await get(remote());
    expect(result).toMatchObject({ code });
    expect((result as AnnexError).message).toMatch(sentence);
    expect((result as AnnexError).message).not.toContain('\n');
    expect(here.objects.locate(KEY)).toBeUndefined();
    expect(existsSync(tmp())).toBe(false);
  });

  test('is silent is given up', async () => {
    answer = () => undefined;
    expect(await get(remote(clientFor('127.0.0.1', 200)))).toMatchObject({ code: 'remote-unavailable' });
    answer = (_, response) => void promise(response, 100_000).write('abc');
    expect(await get(remote(clientFor('127.0.0.1', 200)))).toMatchObject({ code: 'connection-lost' });
  });

  test('leaves a content without an answer is asked once more, others not as patiently, until it answers', async () => {
    const attempts: unknown[] = [];
    const patient = clientFor();
    let answers = false;
    const client: HttpClient = {
      ...patient,
      async send(request) {
        if (!request.url.includes('/key/')) return patient.send(request);
        attempts.push(request.attempts);
        if (answers) return patient.send(request);
        const cause = Object.assign(new Error('STALLED'), { code: 'STALLED' });
        throw new AnnexError('remote-unavailable', 'no answer for too long', { cause });
      },
    };
    answer = (_, response) => void response.writeHead(500).end();
    const far = remote(client);
    for (answers of [false, true, false, true]) await get(far);
    expect(attempts).toEqual([[15_000, undefined], [15_000], [15_000, undefined], [15_000]]);
    answer = (_, response) => void response.writeHead(500, { Server: 'git-annex-ts' }).end();
    for (let round = 0; round < 2; round++) await get(far);
    expect(attempts.slice(4)).toEqual([[15_000, undefined], undefined]);
  });

  test('answers questions with garbage is not believed', async () => {
    for (const garbage of ['<html>', '{}', '{"present":1,"locked":true}', 'null']) {
      answer = (_, response) => void response.end(garbage);
      expect(await presence(remote())).toMatchObject({ code: 'protocol' });
      expect(await remote().lockContent(KEY)).toMatchObject({ code: 'protocol' });
    }
    answer = (_, response) => void response.end('x'.repeat(3_000_000));
    expect(await presence(remote())).toMatchObject({ code: 'protocol' });
  });

  test('is on an address that is not allowed is not connected to', async () => {
    answer = (_, response) => json(response, { present: true });
    for (const rules of ['', '[127.0.0.1]:1', '::1']) {
      expect(await presence(remote(clientFor(rules)))).toMatchObject({ code: 'permission' });
    }
    const named = clientFor('').send({ method: 'GET', url: `http://localhost:${port()}/` });
    await expect(named).rejects.toMatchObject({ code: 'permission' });
    expect(asked).toEqual([]);
  });
});

describe('a connection that is cut', () => {
  test.each([
    ['annex', remote, 'offset=40000'],
    ['plain', dumb, 'bytes=40000-'],
  ] as const)('goes on where it was (%s)', async (_, open, where) => {
    let range: string | undefined;
    answer = (_request, response) => {
      response.writeHead(200, { 'X-git-annex-data-length': '100000', 'Content-Length': '100000' });
      response.write(CONTENT.subarray(0, 40_000), () => response.socket?.end());
    };
    expect(await get(open())).toMatchObject({ code: 'connection-lost' });
    expect(readFileSync(tmp())).toHaveLength(40_000);
    answer = (request, response) => {
      range = request.headers.range;
      response.writeHead(range === undefined ? 200 : 206, {
        'X-git-annex-data-length': '60000',
        'Content-Range': 'bytes 40000-99999/100000',
      });
      response.end(CONTENT.subarray(40_000));
    };
    expect(await get(open())).toBe(true);
    expect(`${asked.at(-1)} ${range}`).toContain(where);
    const place = here.objects.locate(KEY);
    expect(place === undefined ? undefined : readFileSync(place)).toEqual(CONTENT);
    await dropAgain();
  });

  test('is no reason to send again what is there', async () => {
    const place = join(sandbox.directory, 'there');
    writeFileSync(place, CONTENT);
    await here.objects.admit(KEY, ascii(place));
    /** What the server keeps, and after how many bytes it breaks off: the last time behind the end. */
    let there = Buffer.alloc(0);
    const cuts = [0, 1, 30_000, 69_999];
    const starts: string[] = [];
    answer = (request, response) => {
      if (request.url?.includes('/putoffset'))
        return json(response, there.length === 100_000 ? { alreadyhave: true } : { offset: there.length });
      const offset = /offset=\d+/.exec(request.url ?? '')?.[0];
      starts.push(`${offset} ${request.headers['x-git-annex-data-length']}`);
      let left = cuts.shift() ?? 0;
      request.on('data', (bytes: Buffer) => {
        there = Buffer.concat([there, bytes.subarray(0, left)]);
        left = Math.max(0, left - bytes.length);
        if (left === 0 && there.length < 100_000) request.socket.destroy();
      });
      request.on('end', () => request.socket.destroy());
      return undefined;
    };
    const store = async () => {
      const requests = streamOf([{ key: KEY, file: ascii('f') }]);
      for await (const result of remote().store(requests, { signal })) return result.ok || result.error.code;
      return 'nothing';
    };
    const ends = [await store(), await store(), await store(), await store(), await store()];
    expect(ends).toEqual([...Array(4).fill('remote-unavailable'), true]);
    expect(starts).toEqual(['offset=0 100000', 'offset=0 100000', 'offset=1 99999', 'offset=30001 69999']);
    expect(there).toEqual(CONTENT);
    await dropAgain();
  }, 20_000);

  test('starts anew where the server cannot go on', async () => {
    answer = (_, response) => {
      promise(response, 100_000).write(CONTENT.subarray(0, 40_000), () => response.socket?.end());
    };
    expect(await get(remote())).toMatchObject({ code: 'connection-lost' });
    answer = (_, response) => void promise(response, 100_000).end(CONTENT);
    expect(await get(remote())).toBe(true);
    await dropAgain();
  });
});

test.each([
  ['annex', remote],
  ['plain', dumb],
] as const)('room is kept for what was asked for at the same time (%s)', async (_, open) => {
  const waiting: ServerResponse[] = [];
  answer = (_request, response) => {
    waiting.push(response);
    if (waiting.length < 2) return;
    for (const one of waiting) promise(one, 100_000).end(Buffer.alloc(100_000, 'x'));
  };
  const rooms: number[] = [];
  const reserve = vi.spyOn(here.objects, 'reserve').mockImplementation((bytes) => void rooms.push(bytes));
  closing.push(() => reserve.mockRestore());
  const other = KEY.replace(/.$/, (char) => (char === '0' ? '1' : '0')) as Key;
  const requests = [KEY, other].map((key) => ({ key, file: ascii('f') }));
  for await (const result of open().retrieve(streamOf(requests), { signal })) expect(result.ok).toBe(false);
  expect(rooms).toEqual([100_000, 200_000]);
});

/** The content goes from here again. */
async function dropAgain(): Promise<void> {
  const lock = here.objects.lockExclusive(KEY);
  await here.objects.remove(KEY, { key: KEY, expires: undefined, copies: [] } as unknown as SafeDropProof);
  lock?.release();
}

describe('an older server', () => {
  test('is spoken to in its version', async () => {
    answer = (request, response) => {
      if (request.url?.includes('/v1/')) json(response, { present: true });
      else if (request.url?.includes('/v3/')) response.writeHead(400).end('bad version');
      else response.writeHead(404).end();
    };
    const old = remote();
    expect(await presence(old)).toBe('present');
    expect(await presence(old)).toBe('present');
    expect(asked.map((line) => /\/v\d/.exec(line)?.[0])).toEqual(['/v4', '/v3', '/v2', '/v1', '/v1']);
  });

  test('without remove-before removes while the proof holds', async () => {
    answer = (request, response) => {
      if (request.url?.includes('/v2/')) json(response, { removed: true });
      else response.writeHead(404).end();
    };
    const remove = async (expires: number) => {
      const proof = { key: KEY, expires, copies: [] } as unknown as SafeDropProof;
      for await (const { error } of remote().remove(streamOf([{ key: KEY, proof }]), { signal }))
        return error?.code;
      return 'nothing';
    };
    expect(await remove(performance.now() + 600_000)).toBeUndefined();
    asked = [];
    expect(await remove(performance.now() - 1)).toBe('copies-insufficient');
    expect(asked.some((line) => line.includes('/remove'))).toBe(false);
  });

  test('with it is told until when the proof holds, on its own clock', async () => {
    answer = (request, response) =>
      json(response, request.url?.includes('gettimestamp') ? { timestamp: 5000 } : { removed: true });
    const proof = { key: KEY, expires: performance.now() + 600_000, copies: [] } as unknown as SafeDropProof;
    for await (const { error } of remote().remove(streamOf([{ key: KEY, proof }]), { signal }))
      expect(error).toBeUndefined();
    const deadline = Number(/timestamp=(\d+)/.exec(asked.at(-1) ?? '')?.[1]);
    expect(deadline).toBeGreaterThan(5300);
    expect(deadline).toBeLessThanOrEqual(5600);
  });
});
