import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { AnnexError } from '../../../src/domain/errors.js';
import type { Key } from '../../../src/domain/key.js';
import type { Uuid } from '../../../src/domain/uuid.js';
import { ascii } from '../../../src/lib/bytes.js';
import type { Reception, ServedContent } from '../../../src/protocol/served-content.js';
import { createAddressRules } from '../../../src/remotes/http/address-rules.js';
import { createAnnexApi } from '../../../src/remotes/http/annex-api.js';
import { type AnnexUrl, parseAnnexUrl } from '../../../src/remotes/http/annex-url.js';
import { httpContent } from '../../../src/remotes/http/http-content.js';
import { createHttpClient, type HttpClient } from '../../../src/remotes/http/http-client.js';

const UUID = '11111111-2222-4333-8444-555555555555' as Uuid;
const KEY = 'WORM-s10--x' as Key;
const name = ascii('file');
const PATIENCE = { timeout: 15_000 };

let server: Server;
/** What the server does, by the last part of the path. */
let answers: Record<string, (response: ServerResponse, request: IncomingMessage) => void>;
let asked: URL[];
let bodies: Record<string, Buffer[]>;
let client: HttpClient;
let content: ServedContent;

beforeAll(async () => {
  server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://server');
    asked.push(url);
    const endpoint = url.pathname.split('/')[4] ?? '';
    bodies[endpoint] = [];
    request.on('data', (piece: Buffer) => bodies[endpoint]?.push(piece));
    request.on('error', () => undefined);
    answers[endpoint]?.(response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
beforeEach(() => {
  answers = {};
  asked = [];
  bodies = {};
  client = createHttpClient({
    rules: createAddressRules({ get: () => ascii('127.0.0.1') }),
    userAgent: 'test',
  });
  const { port } = server.address() as AddressInfo;
  const api = createAnnexApi({
    client,
    server: parseAnnexUrl(`annex+http://127.0.0.1:${port}/git-annex/`) as AnnexUrl,
    uuid: UUID,
    clientUuid: UUID,
    credentials: {
      known: () => undefined,
      get: () => Promise.reject(new AnnexError('permission', 'no password')),
      approve: async () => undefined,
      reject: async () => undefined,
    },
  });
  content = httpContent({
    uuid: UUID,
    api,
    clock: () => 1000,
    requests: () => 1,
    locks: () => 1,
    bypass: () => undefined,
  });
});
afterEach(() => {
  client.close();
  server.closeAllConnections();
});
afterAll(() => void server.close());

const json = (value: unknown) => (response: ServerResponse) =>
  void response.writeHead(200).end(JSON.stringify(value));
/** Answers once the request's body has ended. */
const later = (value: unknown) => (response: ServerResponse, request: IncomingMessage) =>
  void request.on('end', () => json(value)(response));
const data =
  (text: string, length = text.length) =>
  (response: ServerResponse) =>
    void response.writeHead(200, { 'X-git-annex-data-length': length }).end(text);

async function wanted(): Promise<Reception> {
  const answer = await content.receive(KEY, name);
  if (answer.kind !== 'wanted') throw new Error(answer.kind);
  return answer.reception;
}

async function read(): Promise<string | undefined> {
  const open = await content.open(KEY, 0, name);
  if (open === undefined) return undefined;
  let text = '';
  try {
    for await (const piece of open.pieces()) text += Buffer.from(piece).toString();
    return (await open.unchanged()) ? text : `changed: ${text.length}`;
  } finally {
    await open.close(true);
  }
}

it('sends what comes on from where the server has it, and tells where else it went', async () => {
  answers['putoffset'] = json({ offset: 4, plusuuids: [] });
  answers['put'] = later({ stored: true, plusuuids: [UUID] });
  const reception = await wanted();
  expect(reception.offset).toBe(4);
  await reception.begin?.(6);
  for (const piece of ['ab', 'cd', 'ef']) await reception.write(Buffer.from(piece));
  expect(await reception.finish()).toEqual({ success: true, also: [UUID] });
  expect(Buffer.concat(bodies['put'] ?? []).toString()).toBe('abcdef');
  expect(asked.at(-1)?.searchParams.get('offset')).toBe('4');
  answers['putoffset'] = json({ alreadyhave: true, plusuuids: [UUID] });
  expect(await content.receive(KEY, name)).toEqual({ kind: 'there', also: [UUID] });
});

it('never completes a content that its sender does not vouch for, and lets the next one in', async () => {
  answers['putoffset'] = json({ offset: 0 });
  let complete: boolean | undefined;
  const gone = new Promise<void>((resolve) => {
    answers['put'] = (_, request) => {
      request.on('close', () => {
        complete = request.complete;
        resolve();
      });
    };
  });
  const reception = await wanted();
  await reception.begin?.(10);
  for (const piece of ['01234', '56789']) await reception.write(Buffer.from(piece));
  await vi.waitFor(() => expect(String(bodies['put'])).toBe('01234'), PATIENCE);
  expect(await reception.finish(false)).toEqual({ success: false, also: [] });
  await gone;
  expect(complete).toBe(false);
  const next = await wanted();
  await next.leave();
});

it('tells what the server says of an upload that it breaks off', async () => {
  answers['putoffset'] = json({ offset: 0 });
  answers['put'] = (response) => void response.writeHead(507).end('disk full');
  const reception = await wanted();
  await reception.begin?.(10);
  await expect(
    (async () => {
      for (;;) await reception.write(Buffer.alloc(1 << 16));
    })(),
  ).rejects.toMatchObject({ code: 'remote-unavailable', message: expect.stringContaining('disk full') });
  await reception.leave();
});

it('gives a content only when it ends where it should', async () => {
  answers['key'] = data('0123456789');
  expect(await read()).toBe('0123456789');
  // It was changed while it was sent.
  answers['key'] = data('01234', 10);
  expect(await read()).toMatch(/^changed: /);
  answers['key'] = data('0123456789x', 10);
  await expect(read()).rejects.toMatchObject({ code: 'protocol' });
  answers['key'] = (response) => {
    response.writeHead(200, { 'X-git-annex-data-length': 10 });
    response.write('0123', () => response.destroy());
  };
  await expect(read()).rejects.toMatchObject({ code: 'remote-unavailable' });
  answers['key'] = (response) => void response.writeHead(404).end();
  expect(await read()).toBeUndefined();
});

it('removes before the time that is left by the clock of the server', async () => {
  answers['checkpresent'] = json({ present: true });
  answers['gettimestamp'] = json({ timestamp: 50 });
  answers['remove-before'] = json({ removed: true, plusuuids: [UUID] });
  expect(await content.remove(KEY, 1030)).toEqual({ success: true, also: [UUID] });
  expect(asked.at(-1)?.searchParams.get('timestamp')).toBe('80');
  expect(await content.remove(KEY, 1000)).toEqual({ success: false, also: [] });
  expect(asked.at(-1)?.pathname).toMatch(/gettimestamp$/);
});

it('locks, as many at once as the server copes with, and leaves a lock to run out', async () => {
  answers['checkpresent'] = json({ present: true });
  answers['lockcontent'] = json({ locked: true, lockid: 'id' });
  answers['keeplocked'] = later({ locked: false });
  const first = await content.lock(KEY);
  expect(first).toBeDefined();
  expect(await content.lock(KEY)).toBeUndefined();
  await first?.release();
  expect(Buffer.concat(bodies['keeplocked'] ?? []).toString()).toContain('{"unlock":true}');
  bodies = {};
  const second = await content.lock(KEY);
  await vi.waitFor(() => expect(String(bodies['keeplocked'])).toContain('{"unlock":false}'), PATIENCE);
  await second?.abandon();
  expect(Buffer.concat(bodies['keeplocked'] ?? []).toString()).not.toContain('true');
  answers['lockcontent'] = json({ locked: false });
  expect(await content.lock(KEY)).toBeUndefined();
  expect(await content.lock(KEY)).toBeUndefined();
});
