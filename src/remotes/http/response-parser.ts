/** What comes before an answer's body. */
export interface ResponseHead {
  readonly status: number;
  /** Names in lower case, each with the first of its values. One char per byte. */
  readonly headers: ReadonlyMap<string, string>;
}

export interface ResponseParser {
  /** Hears bytes as they come. Throws `HPE_...` errors for what is no answer. */
  take(bytes: Buffer): void;
  /** The connection has ended: true when the answer ends with it. */
  end(): boolean;
  /** The answer is complete. */
  readonly done: boolean;
  /** Whether the connection may carry another request, once the answer is complete. */
  readonly reusable: boolean;
}

export interface ResponseHandler {
  head(head: ResponseHead): void;
  /** A part of the body: a view of the bytes that were taken. */
  piece(bytes: Buffer): void;
}

/** Bytes of the head, and of the lines between the chunks of one body in a row. */
const LONGEST_HEAD = 1 << 16;

type State = 'status' | 'headers' | 'length' | 'close' | 'size' | 'chunk' | 'chunk-end' | 'trailers' | 'done';

/** Reads one answer of HTTP/1.0 or 1.1 (RFC 9112); answers that only announce another one are passed over. */
export function createResponseParser(
  method: 'GET' | 'HEAD' | 'POST' | 'CONNECT',
  handler: ResponseHandler,
): ResponseParser {
  let state: State = 'status';
  let line = '';
  /** Bytes of lines since the last piece. */
  let inLines = 0;
  /** Bytes of the body or of a chunk that are still to come. */
  let left = 0;
  let status = 0;
  let minor = 0;
  let headers = new Map<string, string>();
  let reusable = false;

  function begin(): void {
    if (status < 200) {
      if (status === 101) throw malformed();
      state = 'status';
      headers = new Map();
      return;
    }
    const connection = (headers.get('connection') ?? '').toLowerCase();
    reusable = minor === 1 ? !/\bclose\b/.test(connection) : /\bkeep-alive\b/.test(connection);
    const framing = framingOf(method, status, headers);
    if (framing === 'close') reusable = false;
    left = typeof framing === 'number' ? framing : 0;
    state = framing === 'chunked' ? 'size' : framing === 'close' ? 'close' : left === 0 ? 'done' : 'length';
    handler.head({ status, headers });
  }

  function takeLine(): void {
    switch (state) {
      case 'status': {
        const match = /^HTTP\/1\.([01]) (\d{3})(?: |$)/.exec(line);
        if (match === null) throw malformed();
        minor = Number(match[1]);
        status = Number(match[2]);
        state = 'headers';
        return;
      }
      case 'headers':
        if (line === '') begin();
        else addHeader(headers, line);
        return;
      case 'size': {
        const size = /^([0-9A-Fa-f]{1,13})[ \t]*(?:;|$)/.exec(line)?.[1];
        if (size === undefined) throw malformed();
        left = Number.parseInt(size, 16);
        state = left === 0 ? 'trailers' : 'chunk';
        return;
      }
      case 'chunk-end':
        if (line !== '') throw malformed();
        state = 'size';
        return;
      default:
        if (line === '') state = 'done';
    }
  }

  /** Gives where the bytes go on after what was taken of them. */
  function takeText(bytes: Buffer, at: number): number {
    const end = bytes.indexOf(10, at);
    const upTo = end === -1 ? bytes.length : end;
    inLines += upTo - at + 1;
    if (inLines > LONGEST_HEAD) throw coded('HPE_HEADER_OVERFLOW');
    line += bytes.toString('latin1', at, upTo);
    if (end === -1) return upTo;
    if (line.endsWith('\r')) line = line.slice(0, -1);
    takeLine();
    line = '';
    return end + 1;
  }

  function takePiece(bytes: Buffer, at: number): number {
    const end = state === 'close' ? bytes.length : Math.min(bytes.length, at + left);
    inLines = 0;
    handler.piece(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end));
    if (state === 'close') return end;
    left -= end - at;
    if (left === 0) state = state === 'chunk' ? 'chunk-end' : 'done';
    return end;
  }

  return {
    take(bytes) {
      for (let at = 0; at < bytes.length; ) {
        if (state === 'done') {
          // Nobody asked for what comes after it.
          reusable = false;
          return;
        }
        const isBody = state === 'length' || state === 'close' || state === 'chunk';
        at = isBody ? takePiece(bytes, at) : takeText(bytes, at);
      }
    },
    end() {
      if (state === 'close') state = 'done';
      return state === 'done';
    },
    get done() {
      return state === 'done';
    },
    get reusable() {
      return reusable;
    },
  };
}

function addHeader(headers: Map<string, string>, line: string): void {
  // The rest of a header that is folded; none of those that count here ever is.
  if (line.startsWith(' ') || line.startsWith('\t')) return;
  const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line);
  if (match === null) throw malformed();
  const name = (match[1] as string).toLowerCase();
  const value = match[2] as string;
  const before = headers.get(name);
  if (before === undefined) headers.set(name, value);
  else if (name === 'content-length' && before !== value) throw malformed();
}

/** How the body's end is told: by its length in bytes, by chunks, or by the end of the connection. */
function framingOf(
  method: string,
  status: number,
  headers: ReadonlyMap<string, string>,
): number | 'chunked' | 'close' {
  if (method === 'HEAD' || status === 204 || status === 304) return 0;
  if (method === 'CONNECT' && status < 300) return 0;
  const encoding = headers.get('transfer-encoding')?.toLowerCase();
  if (encoding === 'chunked') return 'chunked';
  if (encoding !== undefined && encoding !== 'identity') throw malformed();
  const length = headers.get('content-length');
  if (length === undefined) return 'close';
  if (!/^\d{1,15}$/.test(length)) throw malformed();
  return Number(length);
}

function malformed(): Error {
  return coded('HPE_MALFORMED');
}

function coded(code: string): Error {
  return Object.assign(new Error('the answer is not http'), { code });
}
