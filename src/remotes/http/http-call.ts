import { aborted, type Connection, coded } from './connection.js';
import type { HttpRequest } from './http-client.js';
import type { ReadMemory } from './read-memory.js';
import { createResponseBody } from './response-body.js';
import { createResponseParser, type ResponseHead } from './response-parser.js';

export interface CallOptions {
  readonly request: Pick<HttpRequest, 'method' | 'body' | 'recycle' | 'signal'>;
  /** Request line and headers, with the empty line. One char per byte. */
  readonly head: string;
  /** Milliseconds that the other side may be silent; 0: for ever. */
  readonly patience: number;
  /** Milliseconds in which the head of the answer has to be here once all is sent; undefined: twice the patience. */
  readonly answerWithin?: number | undefined;
  readonly memory: ReadMemory;
  /** The answer has come to its end, and the connection may be used again. */
  readonly onFree: () => void;
}

/** The answer of a call, as soon as its head is here. */
export interface Answer extends ResponseHead {
  readonly pieces: AsyncIterable<Uint8Array>;
}

/** Asks on a connection; what fails before the head of the answer is here is thrown, and all else by its body. */
export interface Call {
  readonly answer: Promise<Answer>;
  /** Something has come back. */
  heard(): boolean;
}

export function startCall(connection: Connection, options: CallOptions): Call {
  const { request, patience, answerWithin = 2 * patience, memory } = options;
  const { socket } = connection;
  let heard = false;
  let headed = false;
  let poured = false;
  let paused = false;
  let isOver = false;
  let answering: NodeJS.Timeout | undefined;

  const body = createResponseBody(
    () => {
      paused = false;
      socket.setTimeout(patience);
      socket.resume();
    },
    () => socket.destroy(),
  );
  const answer = new Promise<Answer>((resolve, reject) => {
    const parser = createResponseParser(request.method, {
      head({ status, headers }) {
        clearTimeout(answering);
        headed = true;
        resolve({ status, headers, pieces: body.pieces });
      },
      piece(bytes) {
        memory.hold(bytes);
        if (!body.push(bytes)) paused = true;
      },
    });
    const end = (error?: Error): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(answering);
      request.signal?.removeEventListener('abort', abort);
      connection.listener = undefined;
      socket.setTimeout(0);
      if (error === undefined && poured && parser.reusable && !socket.destroyed) options.onFree();
      else socket.destroy();
      if (error === undefined) return body.end();
      reject(error);
      body.fail(error);
    };
    const abort = () => end(aborted());
    connection.listener = {
      bytes(bytes) {
        heard = true;
        try {
          parser.take(bytes);
        } catch (error) {
          end(error as Error);
          return false;
        }
        if (parser.done) end();
        // A pause is ours, not the other side's.
        else if (paused) socket.setTimeout(0);
        return !paused;
      },
      closed(error) {
        end(error === undefined && parser.end() ? undefined : (error ?? coded('ECONNRESET')));
      },
      silent: () => end(coded('STALLED')),
    };
    socket.setTimeout(patience);
    if (request.signal?.aborted === true) return abort();
    request.signal?.addEventListener('abort', abort);
    const sent = () => {
      poured = true;
      if (answerWithin === 0 || headed || isOver) return;
      // A server that sends its headers byte by byte is never quite silent.
      answering = setTimeout(() => end(coded('STALLED')), answerWithin);
    };
    pour(connection, options).then(sent, (error: unknown) => {
      end(error instanceof Error ? error : new Error(String(error)));
    });
  });
  return { answer, heard: () => heard };
}

/** Writes head and body, in chunks, as fast as they are taken; small ones in one piece. */
async function pour(
  connection: Connection,
  { head, request: { body, recycle } }: CallOptions,
): Promise<void> {
  const { socket, listener } = connection;
  const isOver = (): boolean => socket.destroyed || connection.listener !== listener;
  if (body === undefined) {
    socket.write(head, 'latin1');
    return;
  }
  let isCorked = false;
  const cork = (): void => {
    if (isCorked) return;
    isCorked = true;
    socket.cork();
    process.nextTick(() => {
      isCorked = false;
      socket.uncork();
    });
  };
  cork();
  socket.write(head, 'latin1');
  for await (const bytes of body) {
    if (isOver()) return;
    if (bytes.length === 0) continue;
    cork();
    socket.write(`${bytes.length.toString(16)}\r\n`, 'latin1');
    socket.write(bytes, recycle && (() => recycle(bytes)));
    socket.write('\r\n', 'latin1');
    if (socket.writableNeedDrain) await drained(connection);
  }
  if (isOver()) return;
  cork();
  socket.write('0\r\n\r\n', 'latin1');
}

function drained({ socket }: Connection): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off('drain', done).off('close', done);
      resolve();
    };
    socket.on('drain', done).on('close', done);
  });
}
