import { AnnexError } from '../../domain/errors.js';
import type { Place } from './connection.js';
import type { Answer } from './http-call.js';
import type { HttpResponse } from './http-client.js';
import { failureOf } from './http-failures.js';
import type { ReadMemory } from './read-memory.js';

const LONGEST_TEXT = 1 << 20;
/** Bytes of an answer that are read for the sake of the connection alone. */
const LONGEST_REST = 1 << 16;

/** An answer for its reader, with its failures in words. */
export function asResponse(
  answer: Answer,
  url: string,
  { host, port }: Place,
  memory: ReadMemory,
): HttpResponse {
  const { status, headers, pieces } = answer;
  const body: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]() {
      const iterator = pieces[Symbol.asyncIterator]();
      return {
        next: () =>
          iterator.next().catch((error: unknown) => {
            throw failureOf(error, host, port, 'cut');
          }),
        return: () => iterator.return?.() ?? Promise.resolve({ done: true, value: undefined }),
      };
    },
  };
  return {
    status,
    url,
    header: (name) => headers.get(name.toLowerCase()),
    body,
    recycle: memory.release,
    async text() {
      let text = '';
      for await (const bytes of body) {
        if (text.length + bytes.length > LONGEST_TEXT)
          throw new AnnexError('protocol', `${host} sent more than an answer can be`);
        text += Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
        memory.release(bytes);
      }
      return Buffer.from(text, 'latin1').toString('utf8');
    },
    discard() {
      void readRest(pieces, memory).catch(() => undefined);
    },
  };
}

/** A short rest is read, so that the connection can be kept. */
async function readRest(pieces: AsyncIterable<Uint8Array>, memory: ReadMemory): Promise<void> {
  let left = LONGEST_REST;
  for await (const bytes of pieces) {
    left -= bytes.length;
    memory.release(bytes);
    if (left < 0) return;
  }
}
