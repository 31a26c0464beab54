import { setMaxListeners } from 'node:events';
import { isIP } from 'node:net';
import { AnnexError } from '../../domain/errors.js';
import { type AddressRules, addressRefused } from './address-rules.js';
import { type Connection, openConnection, type Place } from './connection.js';
import { createGuardedLookup, isReachable } from './guarded-lookup.js';
import { type Call, startCall } from './http-call.js';
import { failureOf } from './http-failures.js';
import type { Sites, SiteSettings } from './site-settings.js';
import { asResponse } from './http-response.js';
import { createReadMemory } from './read-memory.js';

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST';
  /** `http:` or `https:`, without user info. */
  readonly url: string;
  readonly headers?: { readonly [name: string]: string };
  /** Sent in chunks as the server takes them; none: an empty body. */
  readonly body?: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
  /** Told when a piece of the body is sent, and its memory free. */
  readonly recycle?: ((piece: Uint8Array) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds that the other side may be silent; undefined: the client's usual. 0: for ever. */
  readonly patience?: number;
  /**
   * Milliseconds that the head of the answer may take, at most the patience; it is asked for once more, on another
   * connection, after each but the last. Only for what may be asked twice. Undefined: twice the patience.
   */
  readonly attempts?: readonly (number | undefined)[] | undefined;
}

export interface HttpResponse {
  readonly status: number;
  /** Where the answer came from, after redirects. */
  readonly url: string;
  header(name: string): string | undefined;
  /** The body; leaving off early closes the connection. Throws `connection-lost` when it is cut. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Gives the memory of a piece of the body back; once for each piece, or not at all. */
  recycle(piece: Uint8Array): void;
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
  /** What the user's settings say; asked once for each group of urls of a server. */
  readonly sites?: Sites | undefined;
  readonly userAgent: string;
}

const CONNECT_TIMEOUT = 30_000;
const PATIENCE = 60_000;
const MOST_REDIRECTS = 5;
const REDIRECTS = [301, 302, 303, 307, 308];
/** Milliseconds after which a connection is not trusted with a body that can be sent but once: servers close idle ones. */
const FRESH = 4_000;

interface Kept {
  readonly connection: Connection;
  readonly since: number;
}

/** A server, or those of its urls for which the settings are the same, and what is known about how to reach it. */
interface Site {
  readonly place: Place;
  readonly settings: SiteSettings;
  /** Connections that nobody uses now. */
  readonly kept: Kept[];
  session: Buffer | undefined;
}

/** Redirects are followed for requests without a body, to http and https only; each target's address is checked anew. */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const { rules, connectTimeout = CONNECT_TIMEOUT, patience = PATIENCE } = options;
  const memory = createReadMemory();
  const sites = new Map<string, Promise<Site>>();
  const open = new Set<Connection>();
  const signals = new WeakSet<AbortSignal>();

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

  async function attempt(request: HttpRequest): Promise<HttpResponse> {
    const url = new URL(request.url);
    const { signal } = request;
    if (signal !== undefined && !signals.has(signal)) {
      // Many requests listen to one signal.
      setMaxListeners(0, signal);
      signals.add(signal);
    }
    const site = await siteOf(url);
    const attempts = request.attempts ?? [undefined];
    for (let left = attempts.length - 1; ; left--) {
      try {
        return await ask(site, url, request, attempts.at(-1 - left));
      } catch (error) {
        if (left <= 0 || codeOf(error) !== 'STALLED')
          throw failureOf(error, site.place.host, site.place.port);
      }
    }
  }

  /** A kept connection may have been closed by the server just now: then it is tried once more on another. */
  async function ask(
    site: Site,
    url: URL,
    request: HttpRequest,
    answerWithin: number | undefined,
  ): Promise<HttpResponse> {
    const callOn = (connection: Connection) => begin(connection, site, url, request, answerWithin);
    const kept = takeKept(site, request.body === undefined ? Number.POSITIVE_INFINITY : FRESH);
    if (kept !== undefined) {
      const call = callOn(kept);
      try {
        return asResponse(await call.answer, request.url, site.place, memory);
      } catch (error) {
        const isStale = !call.heard() && request.body === undefined && request.signal?.aborted !== true;
        if (!isStale || !isReset(error)) throw error;
      }
    }
    const connection = await connect(site, request);
    return asResponse(await callOn(connection).answer, request.url, site.place, memory);
  }

  function begin(
    connection: Connection,
    site: Site,
    url: URL,
    request: HttpRequest,
    answerWithin: number | undefined,
  ): Call {
    return startCall(connection, {
      request,
      head: headOf(url, request, site, options.userAgent),
      patience: request.patience ?? patience,
      answerWithin,
      memory,
      onFree() {
        connection.socket.unref();
        site.kept.push({ connection, since: performance.now() });
      },
    });
  }

  async function connect(site: Site, { signal }: HttpRequest): Promise<Connection> {
    const { place, settings } = site;
    const connection = await openConnection(place, {
      memory,
      lookup: (port) => createGuardedLookup(rules, port),
      tls: { ...settings.tls, ...(site.session === undefined ? {} : { session: site.session }) },
      timeout: connectTimeout,
      userAgent: options.userAgent,
      signal,
    });
    open.add(connection);
    connection.socket.on('session', (session: Buffer) => {
      site.session = session;
    });
    connection.socket.on('close', () => open.delete(connection));
    return connection;
  }

  function siteOf(url: URL): Promise<Site> {
    const name = `${url.origin} ${options.sites?.groupOf(url) ?? ''}`;
    const known = sites.get(name);
    if (known !== undefined) return known;
    const starting = openSite(url, options);
    sites.set(name, starting);
    starting.catch(() => sites.delete(name));
    return starting;
  }

  return {
    send,
    close() {
      for (const { socket } of open) socket.destroy();
    },
  };
}

async function openSite(url: URL, { rules, sites }: HttpClientOptions): Promise<Site> {
  const secure = url.protocol === 'https:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port || (secure ? 443 : 80));
  if (isIP(host) !== 0 && !rules.allows(host, port)) throw addressRefused(host);
  const settings: SiteSettings = (await sites?.settingsOf(url)) ?? { tls: {}, headers: {}, proxy: undefined };
  // A proxy looks names up itself.
  if (settings.proxy !== undefined && !(await isReachable(rules, { host, port }))) throw addressRefused(host);
  return { place: { host, port, secure, proxy: settings.proxy }, settings, kept: [], session: undefined };
}

/** The connection that was used last; undefined when there is none, or none that is so young (milliseconds). */
function takeKept({ kept }: Site, youngerThan: number): Connection | undefined {
  for (let last = kept.pop(); last !== undefined; last = kept.pop()) {
    const { connection, since } = last;
    if (connection.socket.destroyed) continue;
    if (performance.now() - since < youngerThan) {
      connection.socket.ref();
      return connection;
    }
    connection.socket.destroy();
  }
  return undefined;
}

/** Request line and headers. */
function headOf(url: URL, request: HttpRequest, { place, settings }: Site, userAgent: string): string {
  const { method, body } = request;
  const isRelayed = place.proxy !== undefined && !place.secure;
  const path = `${url.pathname}${url.search}`;
  const headers: { readonly [name: string]: string | undefined } = {
    Host: url.host,
    'User-Agent': userAgent,
    ...settings.headers,
    ...request.headers,
    'Proxy-Authorization': isRelayed ? place.proxy?.authorization : undefined,
    ...(body === undefined
      ? { 'Content-Length': method === 'POST' ? '0' : undefined }
      : { 'Transfer-Encoding': 'chunked' }),
    Connection: 'keep-alive',
  };
  let head = `${method} ${isRelayed ? url.origin : ''}${path} HTTP/1.1\r\n`;
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) head += `${name}: ${value.replace(/[\r\n\0]/g, ' ')}\r\n`;
  }
  return `${head}\r\n`;
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
  const code = codeOf(error);
  return code === 'ECONNRESET' || code === 'EPIPE';
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
