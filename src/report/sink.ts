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
 * Writes to a stream, many small pieces at once. Pieces written in one turn of the event loop go out together and in
 * order; a stream whose reader went away takes nothing any more.
 */
export function streamSink(stream: NodeJS.WritableStream): Sink {
  let pending = '';
  let scheduled = false;

  const send = () => {
    scheduled = false;
    if (pending === '' || !stream.writable) return;
    const bytes = toBuffer(pending as ByteString);
    pending = '';
    stream.write(bytes);
  };

  return {
    write(bytes) {
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
  };
}
