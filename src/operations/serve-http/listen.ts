import { readFileSync, rmSync, statSync, unwatchFile, watchFile } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import { connect } from 'node:net';
import { AnnexError } from '../../domain/errors.js';
import type { RequestListener } from './request-listener.js';

/** Where a server is reached. */
export interface Address {
  readonly port: number;
  /** Undefined: all addresses of this machine. */
  readonly bind: string | undefined;
  /** A path: a unix socket in place of port and address. */
  readonly socket: string | undefined;
}

/** Files in PEM format. */
export interface TlsFiles {
  readonly certificate: string;
  readonly privateKey: string;
  /** Further certificates on the way to a known authority. */
  readonly chain: readonly string[];
}

/** Milliseconds. */
export interface Timeouts {
  /** That a request's headers may take, and a new connection without any. */
  readonly headers: number;
  /** Without a sign of life while a body is sent or received. */
  readonly silence: number;
  /** Between two requests. */
  readonly idle: number;
}

const TIMEOUTS: Timeouts = { headers: 30_000, silence: 120_000, idle: 90_000 };

/** Connections at once. One that does nothing costs some 20 kB. */
const CONNECTIONS = 4096;

/** Listens; resolves to the URL that clients use (or the socket's path). Throws `usage` where it cannot. */
export async function listen(
  server: Server,
  { port, bind, socket }: Address,
  isTls: boolean,
): Promise<string> {
  if (socket !== undefined) await clearSocket(socket);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      const place = socket ?? `${bind ?? '*'}:${port}`;
      reject(new AnnexError('usage', `cannot listen on ${place}: ${error.message}`));
    });
    const listening = () => resolve();
    if (socket !== undefined) server.listen(socket, listening);
    else server.listen({ port, ...(bind === undefined ? {} : { host: bind }) }, listening);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') return socket ?? '';
  const host = bind === undefined ? 'localhost' : bind.includes(':') ? `[${bind}]` : bind;
  return `annex+${isTls ? 'https' : 'http'}://${host}:${address.port}/git-annex/`;
}

/** A server that listens nowhere yet, with its limits. Throws `usage` for certificates that cannot be used. */
export function openServer(
  tls: TlsFiles | undefined,
  answer: RequestListener,
  timeouts: Timeouts = TIMEOUTS,
): Server {
  const options = {
    headersTimeout: timeouts.headers,
    // A large content takes as long as it takes, while something moves.
    requestTimeout: 0,
    keepAliveTimeout: timeouts.idle,
    connectionsCheckingInterval: Math.min(5_000, timeouts.headers),
  };
  const server =
    tls === undefined
      ? createServer(options)
      : createTlsServer({ ...options, ...readTls(tls), handshakeTimeout: timeouts.headers });
  server.timeout = timeouts.silence;
  server.maxConnections = CONNECTIONS;
  server.on('request', (request, response) => answer(request, response, false));
  server.on('checkContinue', (request, response) => answer(request, response, true));
  return server;
}

/** Milliseconds between two looks at the certificates. */
const LOOK = 2000;

/**
 * Takes certificates that were renewed, for connections to come, until the result is called. Those that cannot be used, since
 * they are half written for instance, are told of, and the ones before go on to be used.
 */
export function watchCertificates(
  server: Server,
  tls: TlsFiles,
  onError: (error: unknown) => void,
): () => void {
  const renew = () => {
    try {
      (server as TlsServer).setSecureContext(readTls(tls));
    } catch (error) {
      onError(error);
    }
  };
  const files = [tls.certificate, tls.privateKey, ...tls.chain];
  for (const file of files) watchFile(file, { interval: LOOK, persistent: false }, renew);
  return () => {
    for (const file of files) unwatchFile(file, renew);
  };
}

/**
 * Ends a server: nothing new is taken, connections without a request are closed, and those with one have `grace` milliseconds.
 */
export async function endServer(server: Server, grace: number): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeIdleConnections();
  // A connection whose request has ended stays open for the next one.
  const ticks = setInterval(() => server.closeIdleConnections(), 100);
  const timer = setTimeout(() => server.closeAllConnections(), grace);
  await closed;
  clearInterval(ticks);
  clearTimeout(timer);
}

function readTls({ certificate, privateKey, chain }: TlsFiles) {
  const read = (file: string): Buffer => {
    try {
      return readFileSync(file);
    } catch (error) {
      throw new AnnexError('usage', `cannot read ${file}: ${(error as Error).message}`);
    }
  };
  const cert = Buffer.concat([certificate, ...chain].flatMap((file) => [read(file), Buffer.from('\n')]));
  const options = { cert, key: read(privateKey), minVersion: 'TLSv1.2' as const };
  try {
    createTlsServer(options).unref();
  } catch (error) {
    const hint = 'They must be in PEM format, and belong together.';
    const sentence = `the certificate and its key cannot be used: ${(error as Error).message}`;
    throw new AnnexError('usage', sentence, { hint });
  }
  return options;
}

/** Deletes a socket that a server left which is no more. */
async function clearSocket(path: string): Promise<void> {
  if (!statSync(path, { throwIfNoEntry: false })?.isSocket()) return;
  const answers = await new Promise<boolean>((resolve) => {
    const client = connect(path, () => resolve(true));
    client.on('error', () => resolve(false));
    client.on('connect', () => client.destroy());
  });
  if (answers) throw new AnnexError('usage', `another server listens on ${path}`);
  rmSync(path, { force: true });
}
