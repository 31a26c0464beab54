import { connect as connectPlain, isIP, type LookupFunction, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import type { HttpProxy } from './proxies.js';
import type { ReadMemory } from './read-memory.js';
import { createResponseParser } from './response-parser.js';

/** Hears what happens on a connection. */
export interface Listener {
  /** False: no more for now, until `resume`. The bytes stay as they are only where their memory is held. */
  bytes(bytes: Buffer): boolean;
  /** Undefined: the other side has ended it in order. */
  closed(error: Error | undefined): void;
  /** Nothing has come or gone for as long as the socket's timeout says. */
  silent(): void;
}

/** An open connection to a server, for one request at a time. */
export interface Connection {
  readonly socket: Socket;
  /** Undefined: nobody has asked anything. */
  listener: Listener | undefined;
}

/** What is connected to. */
export interface Place {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  readonly proxy: HttpProxy | undefined;
}

export interface ConnectOptions {
  readonly memory: ReadMemory;
  /** Looks up host names, on a port. */
  readonly lookup: (port: number) => LookupFunction;
  readonly tls: ConnectionOptions;
  /** Milliseconds. */
  readonly timeout: number;
  readonly userAgent: string;
  readonly signal: AbortSignal | undefined;
}

/** Connects; through a proxy where there is one. Throws what the system says, `CONNECT_TIMEOUT` and an abort. */
export async function openConnection(place: Place, options: ConnectOptions): Promise<Connection> {
  const { host, port, secure, proxy } = place;
  if (proxy === undefined) return readInto(options.memory, place, options);
  if (!secure) return readInto(options.memory, proxy, options);
  const tunnel = connectPlain({ host: proxy.host, port: proxy.port, lookup: options.lookup(proxy.port) });
  await settled(tunnel, 'connect', options);
  await openTunnel(tunnel, `${isIP(host) === 6 ? `[${host}]` : host}:${port}`, proxy, options);
  const socket = connectTls({ ...tlsOptions(host, options), socket: tunnel });
  await settled(socket, 'secureConnect', options);
  const connection = watched(socket);
  socket.on('data', (bytes: Buffer) => {
    if (hear(connection, bytes)) return;
    socket.pause();
  });
  return connection;
}

/** Reads into memory that is used again. */
async function readInto(
  memory: ReadMemory,
  { host, port, secure }: { readonly host: string; readonly port: number; readonly secure: boolean },
  options: ConnectOptions,
): Promise<Connection> {
  const room = memory.open();
  let connection: Connection | undefined;
  const onread = {
    buffer: () => room.next(),
    callback: (length: number) => connection === undefined || hear(connection, room.filled(length)),
  };
  const to = { host, port, lookup: options.lookup(port), noDelay: true, onread };
  const socket = secure ? connectTls({ ...to, ...tlsOptions(host, options) }) : connectPlain(to);
  connection = watched(socket);
  await settled(socket, secure ? 'secureConnect' : 'connect', options);
  return connection;
}

function tlsOptions(host: string, { tls }: ConnectOptions): ConnectionOptions {
  return { ...tls, ...(isIP(host) === 0 ? { servername: host } : { host }), ALPNProtocols: ['http/1.1'] };
}

function watched(socket: Socket): Connection {
  const connection: Connection = { socket, listener: undefined };
  let failure: Error | undefined;
  socket.setKeepAlive(true, 60_000);
  socket.on('error', (error) => {
    failure ??= error;
  });
  socket.on('close', () => connection.listener?.closed(failure));
  socket.on('timeout', () => connection.listener?.silent());
  return connection;
}

function hear({ socket, listener }: Connection, bytes: Buffer): boolean {
  if (listener !== undefined) return listener.bytes(bytes);
  // Nobody has asked anything.
  socket.destroy();
  return false;
}

/** Waits until a socket is connected. */
function settled(
  socket: Socket | TLSSocket,
  event: 'connect' | 'secureConnect',
  { timeout, signal }: ConnectOptions,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (error?: Error) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      socket.off('error', end).off('close', closed).off(event, end);
      if (error === undefined) resolve();
      else {
        socket.on('error', () => undefined);
        socket.destroy();
        reject(error);
      }
    };
    const abort = () => end(aborted());
    const closed = () => end(coded('ECONNRESET'));
    const timer = setTimeout(() => end(coded('CONNECT_TIMEOUT')), timeout);
    signal?.addEventListener('abort', abort);
    socket
      .on('error', end)
      .on('close', closed)
      .on(event, () => end());
    if (signal?.aborted === true) abort();
  });
}

/** Asks a proxy for a way to `authority` (`HOST:PORT`). */
async function openTunnel(
  tunnel: Socket,
  authority: string,
  proxy: HttpProxy,
  { timeout, userAgent, signal }: ConnectOptions,
): Promise<void> {
  const lines = [`CONNECT ${authority} HTTP/1.1`, `Host: ${authority}`, `User-Agent: ${userAgent}`];
  if (proxy.authorization !== undefined) lines.push(`Proxy-Authorization: ${proxy.authorization}`);
  tunnel.write(`${lines.join('\r\n')}\r\n\r\n`);
  await new Promise<void>((resolve, reject) => {
    const end = (error?: Error) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      tunnel.off('data', take).off('close', closed).off('error', end);
      if (error === undefined) return resolve();
      tunnel.on('error', () => undefined);
      tunnel.destroy();
      reject(error);
    };
    const abort = () => end(aborted());
    const closed = () => end(coded('ECONNRESET'));
    const timer = setTimeout(() => end(coded('CONNECT_TIMEOUT')), timeout);
    const parser = createResponseParser('CONNECT', {
      head: ({ status }) => end(status < 300 ? undefined : coded('PROXY_REFUSED', String(status))),
      piece: () => undefined,
    });
    const take = (bytes: Buffer) => {
      try {
        parser.take(bytes);
      } catch (error) {
        end(error as Error);
      }
    };
    signal?.addEventListener('abort', abort);
    tunnel.on('data', take).on('close', closed).on('error', end);
  });
  tunnel.pause();
}

/** An error with a code that `http-failures` knows. */
export function coded(code: string, message = code): Error {
  return Object.assign(new Error(message), { code });
}

export function aborted(): Error {
  return Object.assign(new Error('aborted'), { name: 'AbortError' });
}
