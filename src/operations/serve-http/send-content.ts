import type { ServerResponse } from 'node:http';
import type { OpenContent, ServedContent } from '../../protocol/served-content.js';
import type { Exchange } from './exchange.js';
import type { HttpRequest } from './parse-request.js';
import { type ByteRange, parseRange } from './range.js';
import { HttpRefusal } from './refusal.js';

type Get = Extract<HttpRequest, { ask: 'get' }>;

/** How much is sent, and what the answer says about it. */
interface Sending {
  readonly status: number;
  readonly length: number;
  readonly headers: Readonly<Record<string, string | number>>;
}

interface Ending {
  /** The connection is broken off when the content was not what it should be. */
  readonly breaksOff: boolean;
  /** How it ends is kept as that of a transfer to the client's repository. */
  readonly isNoted: boolean;
}

/**
 * Answers with a content, or with a part of it. On the API's own URLs the length is told by `X-git-annex-data-length` alone,
 * and a body that ends before it says that the content was changed meanwhile. The plain URL of a key is for other programs,
 * which need `Content-Length` to see that.
 */
export async function sendContent(exchange: Exchange, get: Get, content: ServedContent): Promise<void> {
  const { request } = exchange;
  const whole = await opened(content, get, get.offset);
  const range = get.offset === 0 ? parseRange(request.headers.range, whole.length) : undefined;
  if (range === 'unsatisfiable') {
    await whole.close(false);
    throw new HttpRefusal(416, '', { 'Content-Range': `bytes */${whole.length}` });
  }
  const sending = sendingOf(get, whole.length, range);
  let open = whole;
  if (range !== undefined && range.start > 0) {
    await whole.close(false);
    open = await opened(content, get, range.start);
  }
  const breaksOff = get.version === undefined || range !== undefined;
  await send(exchange, open, { ...sending, breaksOff, isNoted: !breaksOff && get.client !== undefined });
}

async function opened(content: ServedContent, get: Get, offset: number): Promise<OpenContent> {
  const open = await content.open(get.key, offset, get.file);
  if (open === undefined) throw new HttpRefusal(404);
  return open;
}

function sendingOf(get: Get, size: number, range: ByteRange | undefined): Sending {
  const length = range === undefined ? size : range.end - range.start;
  const ranged = range !== undefined || get.version === undefined;
  return {
    status: range === undefined ? 200 : 206,
    length,
    headers: {
      'Content-Type': 'application/octet-stream',
      'X-git-annex-data-length': length,
      ...(ranged ? { 'Content-Length': length, 'Accept-Ranges': 'bytes' } : {}),
      ...(range && { 'Content-Range': `bytes ${range.start}-${range.end - 1}/${size}` }),
    },
  };
}

async function send(
  exchange: Exchange,
  open: OpenContent,
  { status, length, headers, breaksOff, isNoted }: Sending & Ending,
): Promise<void> {
  const { response, request } = exchange;
  let received: boolean | undefined = isNoted ? undefined : false;
  try {
    response.writeHead(status, headers);
    if (request.method === 'HEAD') {
      received = false;
      response.end();
      return;
    }
    const complete = await sendPieces(exchange, open, length);
    if (!complete && breaksOff) {
      response.destroy();
      return;
    }
    response.end();
    await finished(response, exchange.gone);
    if (complete && isNoted && response.writableFinished) received = true;
  } finally {
    await open.close(received);
  }
}

/** False when the content was not what it should be at its end: then the last piece is not sent. */
async function sendPieces(exchange: Exchange, open: OpenContent, length: number): Promise<boolean> {
  const { response, gone } = exchange;
  let left = length;
  if (left === 0) return true;
  for await (const piece of open.pieces()) {
    const part = piece.length > left ? piece.subarray(0, left) : piece;
    if (left === part.length && !(await open.unchanged())) return false;
    if (gone.aborted) return false;
    left -= part.length;
    exchange.sent += part.length;
    if (!response.write(part, () => open.recycle?.(piece)) && left > 0) await drained(response, gone);
    if (left === 0) return true;
  }
  return false;
}

function drained(response: ServerResponse, gone: AbortSignal): Promise<void> {
  return eventOf(response, 'drain', gone);
}

function finished(response: ServerResponse, gone: AbortSignal): Promise<void> {
  return response.writableFinished ? Promise.resolve() : eventOf(response, 'finish', gone);
}

/** Resolves at the event or when the connection is gone. */
function eventOf(response: ServerResponse, event: 'drain' | 'finish', gone: AbortSignal): Promise<void> {
  if (gone.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      response.off(event, done);
      gone.removeEventListener('abort', done);
      resolve();
    };
    response.once(event, done);
    gone.addEventListener('abort', done, { once: true });
  });
}
