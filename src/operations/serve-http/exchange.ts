import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Refusal } from './refusal.js';

/** One request and its answer. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Aborted when the connection is gone. */
  readonly gone: AbortSignal;
  /** The user whose password was right, for the log. */
  user: string | undefined;
  /** Bytes of the answer's body so far. */
  sent: number;
  /** Bytes of the request's body so far. */
  received: number;
  /** The client waits to be told to send its body (`Expect: 100-continue`). */
  waitsToSend: boolean;
}

/** Milliseconds in which a client may go on sending what nobody wants to have. */
const LINGER = 10_000;

export function createExchange(
  request: IncomingMessage,
  response: ServerResponse,
  waitsToSend: boolean,
): Exchange {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  // What goes wrong with the connection shows in `close`.
  response.on('error', () => undefined);
  request.on('error', () => undefined);
  response.on('finish', () => endLater(request));
  return { request, response, gone: gone.signal, user: undefined, sent: 0, received: 0, waitsToSend };
}

/** Does what may take long without a sign of life to or from the client, which is no reason to give it up. */
export async function patiently<T>({ request }: Exchange, work: () => Promise<T>): Promise<T> {
  const { socket } = request;
  const patience = socket.timeout ?? 0;
  socket.setTimeout(0);
  try {
    return await work();
  } finally {
    socket.setTimeout(patience);
  }
}

/** The request's body, piece by piece. Throws when the connection breaks before its end. */
export async function* bodyOf(exchange: Exchange): AsyncGenerator<Buffer> {
  if (exchange.waitsToSend) exchange.response.writeContinue();
  exchange.waitsToSend = false;
  // Leaving the loop early is not to close the connection: an answer is still to be sent.
  for await (const piece of exchange.request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    exchange.received += piece.length;
    yield piece;
  }
}

/** Lets a body of at most `most` bytes pass: many clients read no answer before they have sent all. */
export async function passOver(exchange: Exchange, most: number): Promise<void> {
  if (exchange.waitsToSend) return;
  let seen = 0;
  for await (const piece of bodyOf(exchange)) {
    seen += piece.length;
    if (seen > most) return;
  }
}

export function answerJson(exchange: Exchange, body: string): void {
  answer(exchange, 200, body, { 'Content-Type': 'application/json;charset=utf-8' });
}

export function answerRefusal(exchange: Exchange, { status, text, headers }: Refusal): void {
  answer(exchange, status, text, headers ?? {});
}

function answer(
  exchange: Exchange,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>>,
): void {
  const { request, response } = exchange;
  const bytes = Buffer.from(body, 'latin1');
  // Whether a client that waits goes on to send its body is not known then.
  const unread = exchange.waitsToSend ? { Connection: 'close' } : {};
  response.writeHead(status, { ...headers, ...unread, 'Content-Length': bytes.length });
  if (request.method !== 'HEAD') exchange.sent += bytes.length;
  response.end(bytes);
}

function endLater(request: IncomingMessage): void {
  if (request.complete) return;
  const timer = setTimeout(() => request.socket.destroy(), LINGER);
  timer.unref();
  request.once('close', () => clearTimeout(timer));
  request.resume();
}
