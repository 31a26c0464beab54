import { createConnection, type Socket } from 'node:net';

/** A request, written as it is. */
export interface RawQuestion {
  readonly method: string;
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** One char per byte. */
  readonly body?: string;
}

export interface RawAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** One char per byte, without the framing. */
  readonly body: string;
}

/** Asks on a connection of its own, and waits for its end. */
export async function ask(port: number, question: RawQuestion): Promise<RawAnswer> {
  const socket = await open(port, question, 'close');
  return parseAnswer(await readAll(socket));
}

/** Opens a connection and sends a request; what comes back is left to the caller. */
export function open(port: number, question: RawQuestion, connection = 'keep-alive'): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(port, '127.0.0.1', () => {
      socket.off('error', reject);
      // A server may close a connection in the middle of a request.
      socket.on('error', () => undefined);
      socket.write(textOf(question, connection), 'latin1');
      resolve(socket);
    });
    socket.on('error', reject);
  });
}

export function readAll(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.on('data', (piece: Buffer) => {
      text += piece.toString('latin1');
    });
    socket.on('close', () => resolve(text));
  });
}

/** Waits until what came satisfies the condition, or the connection ends. */
export function readUntil(socket: Socket, enough: (text: string) => boolean): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const end = () => {
      socket.off('data', hear);
      resolve(text);
    };
    const hear = (piece: Buffer) => {
      text += piece.toString('latin1');
      if (enough(text)) end();
    };
    socket.on('data', hear);
    socket.once('close', end);
  });
}

function textOf({ method, target, headers = {}, body }: RawQuestion, connection: string): string {
  const all: Record<string, string> = { Host: 'localhost', Connection: connection, ...headers };
  const isFramed = 'Content-Length' in all || 'Transfer-Encoding' in all;
  if (!isFramed && (method === 'POST' || body !== undefined))
    all['Content-Length'] = String(body?.length ?? 0);
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n${body ?? ''}`;
}

export function parseAnswer(text: string): RawAnswer {
  const end = text.indexOf('\r\n\r\n');
  const [first = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const body = text.slice(end + 4);
  const chunked = headers['transfer-encoding'] === 'chunked';
  return { status: Number(first.split(' ')[1]), headers, body: chunked ? withoutChunks(body) : body };
}

function withoutChunks(text: string): string {
  let body = '';
  for (let at = 0; at < text.length; ) {
    const line = text.indexOf('\r\n', at);
    const size = Number.parseInt(text.slice(at, line), 16);
    if (!(size > 0)) break;
    body += text.slice(line + 2, line + 2 + size);
    at = line + 2 + size + 2;
  }
  return body;
}
