import { setMaxListeners } from 'node:events';
import {
  Agent as HttpAgent,
  type ClientRequest,
  type IncomingMessage,
  request as startHttp,
} from 'node:http';
import { Agent as HttpsAgent, request as startHttps } from 'node:https';
import { isIP } from 'node:net';
import { AnnexError } from '../../domain/errors.js';
import { type AddressRules, addressRefused } from './address-rules.js';
import { createGuardedLookup } from './guarded-lookup.js';
import { failureOf } from './http-failures.js';

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST';
  /** `http:` or `https:`, without user info. */
  readonly url: string;
  readonly headers?: { readonly [name: string]: string };
  /** Sent in chunks as the server takes them; none: an empty body. */
  readonly body?: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds that the other side may be silent; undefined: the client's usual. 0: for ever. */
  readonly patience?: number;
}

export interface HttpResponse {
  readonly status: number;
  /** Where the answer came from, after redirects. */
  readonly url: string;
  header(name: string): string | undefined;
  /** The body; leaving off early closes the connection. Throws `connection-lost` when it is cut. */
  readonly body: AsyncIterable<Uint8Array>;
  /** A short body as text; throws `protocol` for one above 1 MiB. */
  text(): Promise<string>;
  /** Takes no more of the body. */
  discard(): void;
}

/** Keeps connections to servers open and asks them. Throws `remote-unavailable` where one cannot be reached. */
export interface HttpClient {
  send(request: HttpRequest): Promise<HttpResponse>;
  close(): void;
}

export interface HttpClientOptions {
  readonly rules: AddressRules;
  /** Milliseconds. */
  readonly connectTimeout?: number | undefined;
  /** Milliseconds that a server may be silent. */
  readonly patience?: number | undefined;
  /** Certificates (PEM) that are trusted besides the usual ones. */
  readonly certificates?: readonly string[] | undefined;
  readonly userAgent: string;
}

const CONNECT_TIMEOUT = 30_000;
const PATIENCE = 60_000;
const LONGEST_TEXT = 1 << 20;
const MOST_REDIRECTS = 5;
const REDIRECTS = [301, 302, 303, 307, 308];

/** Redirects are followed for requests without a body, to http and https only; each target's address is checked anew. */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const { rules, connectTimeout = CONNECT_TIMEOUT, patience = PATIENCE } = options;
  const shared = { keepAlive: true, scheduling: 'lifo' } as const;
  const http = new HttpAgent(shared);
  const https = new HttpsAgent({
    ...shared,
    ...(options.certificates === undefined ? {} : { ca: [...options.certificates] }),
  });

  async function send(request: HttpRequest): Promise<HttpResponse> {
    let { url } = request;
    let headers = request.headers ?? {};
    for (let redirects = 0; ; redirects++) {
      const response = await attempt({ ...request, url, headers });
      const location = REDIRECTS.includes(response.status) ? response.header('location') : undefined;
      const followed = location !== undefined && request.body === undefined && request.method !== 'POST';
      if (!followed) return response;
      response.discard();
      if (redirects === MOST_REDIRECTS)
        throw new AnnexError('protocol', `${hostOf(url)} redirects too often`);
      const next = redirectTarget(url, location);
      if (new URL(next).origin !== new URL(url).origin) headers = without(headers, 'authorization');
      url = next;
    }
  }

  /** A kept connection may have been closed by the server just now: then it is tried once more on another. */
  async function attempt(request: HttpRequest): Promise<HttpResponse> {
    const first = open(request);
    try {
      return await first.response;
    } catch (error) {
      const stale = first.call.reusedSocket && request.body === undefined && request.signal?.aborted !== true;
      if (!stale || !isReset(error)) throw error;
      return await open(request).response;
    }
  }

  function open(request: HttpRequest): {
    readonly call: ClientRequest;
    readonly response: Promise<HttpResponse>;
  } {
    const url = new URL(request.url);
    const secure = url.protocol === 'https:';
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const port = Number(url.port || (secure ? 443 : 80));
    if (isIP(host) !== 0 && !rules.allows(host, port)) throw addressRefused(host);
    const limit = request.patience ?? patience;
    // Many requests listen to one signal.
    if (request.signal !== undefined) setMaxListeners(0, request.signal);
    const call = (secure ? startHttps : startHttp)(url, {
      method: request.method,
      agent: secure ? https : http,
      lookup: createGuardedLookup(rules, port),
      headers: {
        'User-Agent': options.userAgent,
        ...request.headers,
        ...(request.method === 'POST' && request.body === undefined ? { 'Content-Length': '0' } : {}),
      },
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    });
    const response = new Promise<IncomingMessage>((resolve, reject) => {
      call.on('error', reject);
      call.on('response', resolve);
    });
    watch(call, connectTimeout, limit);
    void pour(call, request.body);
    return {
      call,
      response: response.then(
        (message) => asResponse(message, request.url),
        (error: unknown) => {
          throw failureOf(error, host, port);
        },
      ),
    };
  }

  return {
    send,
    close() {
      http.destroy();
      https.destroy();
    },
  };
}

/** Ends a call whose server can't be reached or is silent for too long. */
function watch(call: ClientRequest, connectTimeout: number, patience: number): void {
  const connecting = setTimeout(() => call.destroy(timedOut('connect')), connectTimeout);
  call.on('socket', (socket) => {
    if (socket.connecting) socket.once('connect', () => clearTimeout(connecting));
    else clearTimeout(connecting);
  });
  call.on('close', () => clearTimeout(connecting));
  call.setTimeout(patience);
  call.on('timeout', () => call.destroy(timedOut('answer')));
  if (patience === 0) return;
  // A server that sends its headers byte by byte is never quite silent.
  let answering: NodeJS.Timeout | undefined;
  call.on('finish', () => {
    answering = setTimeout(() => call.destroy(timedOut('answer')), 2 * patience);
  });
  for (const end of ['response', 'close']) call.on(end, () => clearTimeout(answering));
}

function timedOut(what: 'connect' | 'answer'): Error {
  return Object.assign(new Error('timed out'), { code: what === 'connect' ? 'CONNECT_TIMEOUT' : 'STALLED' });
}

/** Writes the body as fast as it is taken. What goes wrong on the connection is told by the call itself. */
async function pour(call: ClientRequest, body: HttpRequest['body']): Promise<void> {
  try {
    for await (const bytes of body ?? []) {
      if (call.destroyed || call.writableEnded) return;
      if (!call.write(bytes)) await drained(call);
    }
    call.end();
  } catch (error) {
    call.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}

function drained(call: ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      call.off('drain', done);
      call.off('close', done);
      resolve();
    };
    call.on('drain', done);
    call.on('close', done);
  });
}

function asResponse(message: IncomingMessage, url: string): HttpResponse {
  const { hostname, port, protocol } = new URL(url);
  const at = Number(port || (protocol === 'https:' ? 443 : 80));
  async function* body(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of message) yield chunk as Buffer;
    } catch (error) {
      throw failureOf(error, hostname, at, 'cut');
    }
  }
  return {
    status: message.statusCode ?? 0,
    url,
    header(name) {
      const value = message.headers[name.toLowerCase()];
      return typeof value === 'string' ? value : value?.[0];
    },
    body: body(),
    async text() {
      const chunks: Uint8Array[] = [];
      let length = 0;
      for await (const chunk of body()) {
        length += chunk.length;
        if (length > LONGEST_TEXT)
          throw new AnnexError('protocol', `${hostname} sent more than an answer can be`);
        chunks.push(chunk);
      }
      return Buffer.concat(chunks).toString('utf8');
    },
    discard() {
      // A short rest is read, so that the connection can be kept.
      let left = 1 << 16;
      message.on('error', () => undefined);
      message.on('data', (chunk: Buffer) => {
        left -= chunk.length;
        if (left < 0) message.destroy();
      });
      message.resume();
    },
  };
}

function redirectTarget(from: string, location: string): string {
  let target: URL;
  try {
    target = new URL(location, from);
  } catch {
    throw new AnnexError('protocol', `${hostOf(from)} redirects to something that is no url`);
  }
  if (target.protocol !== 'http:' && target.protocol !== 'https:') {
    const scheme = target.protocol.slice(0, 20);
    throw new AnnexError('protocol', `${hostOf(from)} redirects to a ${scheme} url, which is not followed`);
  }
  target.username = '';
  target.password = '';
  return target.href;
}

function hostOf(url: string): string {
  return new URL(url).host;
}

function without(headers: { readonly [name: string]: string }, name: string): { [name: string]: string } {
  return Object.fromEntries(Object.entries(headers).filter(([key]) => key.toLowerCase() !== name));
}

function isReset(error: unknown): boolean {
  const cause = error instanceof Error ? (error.cause as NodeJS.ErrnoException | undefined) : undefined;
  return cause?.code === 'ECONNRESET' || cause?.code === 'EPIPE';
}
