import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createResponseParser, type ResponseHead } from '../../../src/remotes/http/response-parser.js';

interface Heard {
  heads: ResponseHead[];
  body: string;
  done: boolean;
  reusable: boolean;
}

interface How {
  readonly method?: 'GET' | 'HEAD';
  /** Where the text is cut into pieces. */
  readonly cuts?: readonly number[];
  readonly ends?: boolean;
}

function parse(text: string, { method = 'GET', cuts = [], ends = false }: How = {}): Heard {
  const heads: ResponseHead[] = [];
  let body = '';
  const parser = createResponseParser(method, {
    head: (head) => heads.push(head),
    piece: (bytes) => {
      body += bytes.toString('latin1');
    },
  });
  const places = [0, ...[...cuts].sort((a, b) => a - b), text.length];
  places.slice(1).forEach((end, index) => {
    parser.take(Buffer.from(text.slice(places[index], end), 'latin1'));
  });
  const done = ends ? parser.end() : parser.done;
  return { heads, body, done, reusable: parser.reusable };
}

const OK = 'HTTP/1.1 200 OK\r\n';

describe('an answer', () => {
  const answers: readonly (readonly [what: string, text: string, Partial<Heard>, How?])[] = [
    ['with a length', `${OK}Content-Length: 5\r\n\r\nhello`, { body: 'hello', done: true, reusable: true }],
    [
      'in chunks, with an extension and a trailer',
      `${OK}Transfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0A\r\n0123456789\r\n0\r\nX: y\r\n\r\n`,
      { body: 'hello0123456789', done: true, reusable: true },
    ],
    ['of newlines alone', 'HTTP/1.1 200 OK\nContent-Length: 1\n\nx', { body: 'x', done: true }],
    ['up to the end', `${OK}\r\nhello`, { body: 'hello', done: true, reusable: false }, { ends: true }],
    ['up to the end, which is not here', `${OK}\r\nhello`, { body: 'hello', done: false }],
    ['cut', `${OK}Content-Length: 6\r\n\r\nhello`, { done: false }, { ends: true }],
    [
      'cut between chunks',
      `${OK}Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n`,
      { done: false },
      { ends: true },
    ],
    [
      'to HEAD',
      `${OK}Content-Length: 5\r\n\r\n`,
      { body: '', done: true, reusable: true },
      { method: 'HEAD' },
    ],
    ['without a body', 'HTTP/1.1 204 No Content\r\n\r\n', { done: true, reusable: true }],
    [
      'after others that announce it',
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\nA: b\r\n\r\n${OK}Content-Length: 1\r\n\r\nx`,
      { body: 'x', done: true },
    ],
    ['that closes', `${OK}Connection: close\r\nContent-Length: 0\r\n\r\n`, { done: true, reusable: false }],
    ['of 1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n', { done: true, reusable: false }],
    [
      'of 1.0 that stays',
      'HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 0\r\n\r\n',
      { done: true, reusable: true },
    ],
    ['with more behind it', `${OK}Content-Length: 1\r\n\r\nxHTTP/1.1`, { body: 'x', reusable: false }],
  ];
  const named = answers.map(([what, text, expected, how]) => ({ what, text, expected, how }));
  test.each(named)('$what', ({ text, expected, how }) => {
    expect(parse(text, how)).toMatchObject(expected);
    expect(parse(text, { ...how, cuts: [...text].map((_char, at) => at) })).toMatchObject(expected);
  });

  test('has the first of each header, folded ones without their rest', () => {
    const [head] = parse(`${OK}A: 1\r\na:2\r\n  3\r\nB:\r\n\r\n`).heads;
    expect(head?.status).toBe(200);
    expect([...(head?.headers ?? [])]).toEqual([
      ['a', '1'],
      ['b', ''],
    ]);
  });

  test.each([
    'SSH-2.0-OpenSSH\r\n',
    'HTTP/2 200\r\n\r\n',
    'HTTP/1.1 20 OK\r\n\r\n',
    'HTTP/1.1 101 Switching\r\n\r\n',
    `${OK}no colon\r\n\r\n`,
    `${OK}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`,
    `${OK}Content-Length: -1\r\n\r\n`,
    `${OK}Content-Length: 1e3\r\n\r\n`,
    `${OK}Transfer-Encoding: gzip\r\n\r\n`,
    `${OK}Transfer-Encoding: chunked\r\n\r\n-1\r\n`,
    `${OK}Transfer-Encoding: chunked\r\n\r\n\r\n`,
    `${OK}Transfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n`,
    `${OK}Transfer-Encoding: chunked\r\n\r\n99999999999999\r\n`,
  ])('is none: %j', (text) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'HPE_MALFORMED' }));
  });

  test.each(['', `${OK}`, `${OK}Transfer-Encoding: chunked\r\n\r\n`])('has lines that end: %j', (start) => {
    expect(() => parse(start + 'x'.repeat(70_000))).toThrow(
      expect.objectContaining({ code: 'HPE_HEADER_OVERFLOW' }),
    );
  });

  test('means the same however it is cut', () => {
    const chunk = fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(fc.array(chunk), fc.boolean(), fc.array(fc.nat(400)), (chunks, chunked, cuts) => {
        const all = chunks.join('');
        const body = chunked
          ? `${chunks.map((one) => `${one.length.toString(16)}\r\n${one}\r\n`).join('')}0\r\n\r\n`
          : all;
        const framing = chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${all.length}`;
        const text = `${OK}${framing}\r\nServer: x\r\n\r\n${body}`;
        const heard = parse(text, { cuts: cuts.map((cut) => Math.min(cut, text.length)) });
        expect(heard).toMatchObject({ body: all, done: true, reusable: true });
      }),
    );
  });
});
