import type { Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Served } from '../../../src/operations/serve-http/answer-request.js';
import { createExchange, type Exchange } from '../../../src/operations/serve-http/exchange.js';
import { createHeldLocks } from '../../../src/operations/serve-http/held-locks.js';
import { listen, openServer, type Timeouts } from '../../../src/operations/serve-http/listen.js';
import { createRequestListener } from '../../../src/operations/serve-http/request-listener.js';
import { sendContent } from '../../../src/operations/serve-http/send-content.js';
import { takeContent } from '../../../src/operations/serve-http/take-content.js';
import type { Key } from '../../../src/domain/key.js';
import type { ByteString } from '../../../src/lib/bytes.js';
import { plainly } from '../../../src/protocol/outcome.js';
import type { OpenContent, Reception, ServedContent } from '../../../src/protocol/served-content.js';
import { ask, open, parseAnswer, readAll, readUntil } from '../../support/raw-http.js';

const KEY = 'WORM-s10--k' as Key;
const NONE = '' as ByteString;
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const unused = (): never => {
  throw new Error('not asked for');
};

/** Content with faults. */
function faulty(given: Partial<ServedContent>): ServedContent {
  const rest = { lock: unused, now: unused, remove: unused, open: unused, receive: unused };
  return { uuid: NONE, present: async () => false, ...rest, ...given };
}

function opened(pieces: string[], length: number, unchanged = true): OpenContent & { closed: unknown[] } {
  const closed: unknown[] = [];
  return {
    closed,
    length,
    pieces: () => pieces.map((piece) => Buffer.from(piece)),
    unchanged: async () => unchanged,
    close: async (received) => void closed.push(received),
  };
}

async function start(
  handle: (exchange: Exchange) => Promise<unknown>,
  timeouts?: Timeouts,
): Promise<{ port: number; failures: unknown[] }> {
  const failures: unknown[] = [];
  const server = openServer(
    undefined,
    (request, response, waits) => {
      handle(createExchange(request, response, waits)).catch((error: unknown) => failures.push(error));
    },
    timeouts,
  );
  servers.push(server);
  const url = await listen(server, { port: 0, bind: '127.0.0.1', socket: undefined }, false);
  return { port: Number(/:(\d+)\//.exec(url)?.[1]), failures };
}

const request = { method: 'GET', target: '/' };

describe('a content that changes while it is sent', () => {
  const get = {
    ask: 'get',
    key: KEY,
    file: NONE,
    offset: 0,
    server: NONE as never,
    client: 'c' as never,
    bypass: [],
  } as const;
  const send = async (version: number | undefined, content: OpenContent) => {
    const { port } = await start((exchange) =>
      sendContent(exchange, { ...get, version }, faulty({ open: async () => content })),
    );
    const text = await readAll(await open(port, request, 'close'));
    return { text, ...parseAnswer(text) };
  };

  it('has a body shorter than was said, which ends as it should', async () => {
    for (const content of [opened(['12345', '67890'], 10, false), opened(['12345'], 10)]) {
      const { text, headers, body } = await send(4, content);
      expect([headers['x-git-annex-data-length'], headers['content-length'], body]).toEqual([
        '10',
        undefined,
        '12345',
      ]);
      expect(text.endsWith('\r\n0\r\n\r\n')).toBe(true);
      expect(content.closed).toEqual([undefined]);
    }
  });

  it('breaks the connection of other programs', async () => {
    const content = opened(['12345', '67890'], 10, false);
    const { text } = await send(undefined, content);
    expect(text.endsWith('67890') || text.endsWith('\r\n0\r\n\r\n')).toBe(false);
    expect(content.closed).toEqual([false]);
  });

  it('is noted as received when all of it is out', async () => {
    const content = opened(['12345', '67890xxx'], 10);
    expect((await send(4, content)).body).toBe('1234567890');
    expect(content.closed).toEqual([true]);
  });
});

describe('a content that is received', () => {
  const put = (length: number, offset = 0) =>
    ({
      ask: 'put',
      key: KEY,
      file: NONE,
      offset,
      length,
      dataPresent: false,
      server: NONE as never,
      client: NONE as never,
      bypass: [],
      version: 4,
    }) as const;

  /** How the reception ended, and what it was given. */
  async function receive(here: string, length: number, offset: number, send: (socket: Socket) => void) {
    const result = { content: here, end: '', answer: '' };
    const reception: Reception = {
      offset: here.length,
      write: (bytes) => {
        result.content += Buffer.from(bytes).toString();
        return undefined;
      },
      finish: async () => {
        result.end = 'finish';
        return plainly(result.content === '0123456789');
      },
      discard: async () => {
        result.end = 'discard';
      },
      leave: async () => {
        result.end = 'leave';
      },
    };
    const done = new Promise<void>((resolve) => {
      void start(async (exchange) => {
        try {
          const content = faulty({ receive: async () => ({ kind: 'wanted', reception }) });
          const { success } = await takeContent(exchange, put(length, offset), content);
          result.answer = String(success);
        } catch {
          result.answer = 'broken';
        }
        exchange.response.end();
        resolve();
      }).then(async ({ port }) => send(await open(port, { ...request, headers: chunked })));
    });
    await done;
    return result;
  }
  const chunked = { 'Transfer-Encoding': 'chunked' };
  const chunks = (...texts: string[]) =>
    texts.map((text) => `${text.length.toString(16)}\r\n${text}\r\n`).join('');
  const end = '0\r\n\r\n';

  it('goes on behind what is here, wherever the client begins', async () => {
    const whole = { content: '0123456789', end: 'finish', answer: 'true' };
    const single = chunks(...'0123456789');
    expect(await receive('', 10, 0, (socket) => socket.write(single + end))).toEqual(whole);
    expect(await receive('0123', 10, 0, (socket) => socket.write(single + end))).toEqual(whole);
    expect(await receive('0123', 6, 4, (socket) => socket.write(chunks('45', '6789') + end))).toEqual(whole);
    expect(await receive('0123456789', 8, 2, (socket) => socket.write(chunks('23456789') + end))).toEqual(
      whole,
    );
  });

  it('is not kept when it is another, or more than was said', async () => {
    const other = await receive('01', 8, 2, (socket) => socket.write(chunks('x3456789') + end));
    expect(other).toMatchObject({ end: 'finish', answer: 'false' });
    const more = await receive('', 10, 0, (socket) => socket.write(chunks('0123456789', 'x') + end));
    expect(more).toMatchObject({ end: 'discard', answer: 'false' });
  });

  it('is left for the next attempt when there is less than was said', async () => {
    const less = await receive('01', 8, 2, (socket) => socket.write(chunks('2345') + end));
    expect(less).toEqual({ content: '012345', end: 'leave', answer: 'false' });
    const gap = await receive('01', 7, 3, (socket) => socket.write(chunks('3456789') + end));
    expect(gap).toEqual({ content: '01', end: 'leave', answer: 'false' });
    const large = 'x'.repeat(9000);
    const broken = await receive('', 10_000, 0, (socket) =>
      socket.write(chunks(large), () => socket.destroy()),
    );
    expect(broken).toEqual({ content: large, end: 'leave', answer: 'broken' });
  });
});

describe('clients that waste time', () => {
  const timeouts = { headers: 200, silence: 200, idle: 200 };
  const closed = (socket: Socket) => new Promise((resolve) => socket.on('close', resolve));
  const sending = (port: number, text: string): Socket => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.on('error', () => undefined);
    socket.resume();
    return socket;
  };

  it('are left alone: without a request, with half of one, without its body, and between two', async () => {
    const ends: string[] = [];
    const { port } = await start(async ({ request: asked, response }) => {
      try {
        for await (const _ of asked) ends.push('piece');
        response.end();
      } catch {
        ends.push('broken');
      }
    }, timeouts);
    await closed(sending(port, ''));
    await closed(sending(port, 'GET / HTTP/1.1\r\nHost: x\r\nX-A: '));
    await closed(sending(port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'));
    await closed(sending(port, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx'));
    await vi.waitFor(() => expect(ends).toEqual(['piece', 'broken']));
  });

  it('read nothing, and lose what is sent to them', async () => {
    const content = opened(
      Array.from({ length: 400 }, () => 'x'.repeat(100_000)),
      40_000_000,
    );
    const get = {
      ask: 'get',
      key: KEY,
      file: NONE,
      offset: 0,
      server: NONE as never,
      client: 'c' as never,
      bypass: [],
    } as const;
    const sent = new Promise<void>((resolve, reject) => {
      const handle = (exchange: Exchange) =>
        sendContent(exchange, { ...get, version: 4 }, faulty({ open: async () => content })).then(
          resolve,
          reject,
        );
      void start(handle, timeouts).then(async ({ port }) => (await open(port, request)).pause());
    });
    await sent;
    expect(content.closed).toEqual([undefined]);
  });
});

describe('a connection', () => {
  it('is used again when the answer came before the end of the body', async () => {
    const listeners: number[] = [];
    const { port } = await start(async ({ request: asked, response }) => {
      listeners.push(asked.socket.listenerCount('close'));
      response.end('x');
    });
    const post = { method: 'POST', target: '/', headers: { 'Content-Length': '1' } };
    const socket = await open(port, post);
    for (let i = 0; i < 5; i++) {
      await readUntil(socket, (text) => text.endsWith('\r\n\r\nx'));
      socket.write('y');
      socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n');
    }
    await vi.waitFor(() => expect(listeners).toHaveLength(6));
    expect(listeners[5]).toBe(listeners[1]);
    socket.destroy();
  });
});

describe('what goes wrong inside', () => {
  it('is told to whoever runs the server, and nobody else', async () => {
    const told: unknown[] = [];
    const lines: string[] = [];
    const served: Served = {
      repositories: { use: () => Promise.reject(new Error('/secret/path')), close: async () => undefined },
      locks: createHeldLocks({ most: 1, lifetime: 1 }),
      policy: { anonymous: { access: 'all', lock: true }, asksPassword: false },
      users: undefined,
      onError: (error) => void told.push(error),
    };
    const server = openServer(
      undefined,
      createRequestListener(served, (line) => void lines.push(line)),
    );
    servers.push(server);
    const url = await listen(server, { port: 0, bind: '127.0.0.1', socket: undefined }, false);
    const target = `/git-annex/u/key/${KEY}`;
    const { status, body } = await ask(Number(/:(\d+)\//.exec(url)?.[1]), { method: 'GET', target });
    expect([status, body, told.length]).toEqual([500, 'internal error', 1]);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/" 500 14 "/);
  });
});
