import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { AnnexError } from '../../domain/errors.js';
import { fromBuffer, toBuffer } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import { formatMessage } from '../../protocol/message.js';
import type { Wire } from '../../protocol/wire.js';

/** Bytes of the longest line taken: keys and file names are far shorter. */
export const longestLine = 1 << 16;

/** Bytes that are collected at most before they are written. */
const PIECE = 1 << 14;

/** The protocol over a pair of byte streams: a process's standard streams, an ssh channel, a socket. */
export function createStreamWire(input: Readable, output: Writable): Wire {
  const chunks = input[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let rest: Buffer = Buffer.alloc(0);
  let broken: Error | undefined;
  output.on('error', (error) => {
    broken ??= error;
  });

  async function more(): Promise<Buffer | undefined> {
    try {
      const next = await chunks.next();
      return next.done ? undefined : next.value;
    } catch (error) {
      throw lost(error);
    }
  }

  /** What is said in one turn goes out in one piece: small messages cost more by their number than by their length. */
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  function flush(): void {
    if (pending.length === 0) return;
    output.write(pending.length === 1 ? pending[0] : Buffer.concat(pending));
    pending = [];
    pendingBytes = 0;
  }

  async function write(bytes: Uint8Array, recycle?: (bytes: Uint8Array) => void): Promise<void> {
    if (broken !== undefined || output.destroyed) throw lost(broken);
    if (bytes.length >= PIECE && recycle !== undefined && output instanceof Socket) {
      flush();
      // What a socket or a pipe has written nobody reads any more. Other streams may have handed it on.
      output.write(bytes, (error) => (error ? undefined : recycle(bytes)));
    } else {
      if (pending.length === 0) process.nextTick(flush);
      pending.push(bytes);
      pendingBytes += bytes.length;
      if (pendingBytes >= PIECE) flush();
    }
    if (!output.writableNeedDrain) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        output.off('drain', done).off('close', done).off('error', done);
        resolve();
      };
      output.on('drain', done).on('close', done).on('error', done);
    });
    if (broken !== undefined || output.destroyed) throw lost(broken);
  }

  return {
    async line() {
      for (let searched = 0; ; ) {
        const end = rest.indexOf(10, searched);
        if (end >= 0) {
          const line = fromBuffer(rest.subarray(0, end));
          rest = rest.subarray(end + 1);
          return line;
        }
        searched = rest.length;
        if (searched > longestLine) {
          throw new AnnexError('protocol', 'the other side sent a line that is too long');
        }
        const chunk = await more();
        if (chunk === undefined) return undefined;
        rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      }
    },
    async *data(length) {
      for (let left = length; left > 0; ) {
        if (rest.length === 0) {
          const chunk = await more();
          if (chunk === undefined) throw lost(undefined);
          rest = chunk;
        }
        const piece = rest.subarray(0, left);
        rest = rest.subarray(piece.length);
        left -= piece.length;
        yield piece;
      }
    },
    send: (message) => write(toBuffer(`${formatMessage(message)}\n` as ByteString)),
    sendData: write,
  };
}

function lost(cause: unknown): AnnexError {
  if (cause instanceof AnnexError) return cause;
  return new AnnexError('connection-lost', 'the connection was closed', { cause });
}
