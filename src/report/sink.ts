import { toBuffer } from '../lib/buffers.js';
import type { ByteString } from '../lib/bytes.js';

/** Where a reporter writes bytes. */
export interface Sink {
  write(bytes: ByteString): void;
  /** Resolves when everything written so far was taken. */
  flush(): Promise<void>;
}

const HIGH_WATER = 1 << 16;

/**
 * Sinks for a process's two outputs. Pieces written in one turn of the event loop go out together; what was written to
 * the one goes out before what is written to the other next, so that a terminal shows both in order. A stream whose
 * reader went away takes nothing any more.
 */
export function streamSinks(
  out: NodeJS.WritableStream,
  err: NodeJS.WritableStream,
): { out: Sink; err: Sink } {
  let current = out;
  let pending = '';
  let scheduled = false;

  const send = () => {
    scheduled = false;
    if (pending === '') return;
    const bytes = toBuffer(pending as ByteString);
    pending = '';
    if (current.writable) current.write(bytes);
  };

  const sinkOf = (stream: NodeJS.WritableStream): Sink => ({
    write(bytes) {
      if (stream !== current) send();
      current = stream;
      pending += bytes;
      if (pending.length >= HIGH_WATER) send();
      else if (!scheduled) {
        scheduled = true;
        setImmediate(send);
      }
    },
    flush() {
      send();
      return new Promise((resolve) => {
        if (stream.writable) stream.write('', () => resolve());
        else resolve();
      });
    },
  });

  return { out: sinkOf(out), err: sinkOf(err) };
}
