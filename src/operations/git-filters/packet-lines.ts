import type { Readable, Writable } from 'node:stream';
import { AnnexError } from '../../domain/errors.js';
import { write } from './streams.js';

/** git's packets (gitprotocol-common): four hex digits of length, counting themselves, and that many bytes. */
export interface PacketReader {
  /** The next packet's content; `flush` for an empty length; undefined at the end of the stream. */
  next(): Promise<Buffer | 'flush' | undefined>;
  /** Contents up to the next flush. */
  untilFlush(): PacketContent;
}

export interface PacketContent extends AsyncIterable<Buffer> {
  /** Reads on to the flush, wherever reading stopped. */
  skip(): Promise<void>;
}

/** Largest content of a packet in bytes. */
export const LARGEST_PACKET = 65516;

const HEADER = 4;

export function createPacketReader(stream: Readable): PacketReader {
  const source = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let buffered: Buffer = Buffer.alloc(0);
  let at = 0;

  /** Makes this many bytes available; false when the stream ends before. */
  async function need(bytes: number): Promise<boolean> {
    const pieces = [buffered.subarray(at)];
    let length = buffered.length - at;
    while (length < bytes) {
      const { value, done } = await source.next();
      if (done === true) break;
      pieces.push(value);
      length += value.length;
    }
    if (pieces.length > 1) {
      buffered = Buffer.concat(pieces);
      at = 0;
    }
    return length >= bytes;
  }

  async function next(): Promise<Buffer | 'flush' | undefined> {
    if (buffered.length - at < HEADER && !(await need(HEADER))) {
      if (buffered.length > at) throw malformed();
      return undefined;
    }
    const digits = buffered.toString('latin1', at, at + HEADER);
    const length = /^[0-9a-fA-F]{4}$/.test(digits) ? Number.parseInt(digits, 16) : Number.NaN;
    if (length === 0) {
      at += HEADER;
      return 'flush';
    }
    if (!(length >= HEADER)) throw malformed();
    if (buffered.length - at < length && !(await need(length))) throw malformed();
    const content = buffered.subarray(at + HEADER, at + length);
    at += length;
    return content;
  }

  return {
    next,
    untilFlush() {
      let ended = false;
      async function* rest(): AsyncGenerator<Buffer> {
        while (!ended) {
          const packet = await next();
          if (packet === undefined) throw malformed();
          if (packet === 'flush') ended = true;
          else yield packet;
        }
      }
      return {
        [Symbol.asyncIterator]: rest,
        async skip() {
          for await (const _ of rest());
        },
      };
    },
  };
}

/** One packet. */
export function packet(content: Buffer | string): Buffer {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'latin1') : content;
  const header = (bytes.length + HEADER).toString(16).padStart(HEADER, '0');
  return Buffer.concat([Buffer.from(header, 'latin1'), bytes]);
}

export const FLUSH = Buffer.from('0000', 'latin1');

/** Sends content in packets, and the flush after it. */
export async function sendContent(
  stream: Writable,
  chunks: AsyncIterable<Buffer> | Iterable<Buffer>,
): Promise<void> {
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += LARGEST_PACKET) {
      await write(stream, packet(chunk.subarray(at, at + LARGEST_PACKET)));
    }
  }
  await write(stream, FLUSH);
}

function malformed(): AnnexError {
  return new AnnexError('git-failed', 'git protocol error: malformed packet');
}
