import { finished, type Readable } from 'node:stream';

/** The bytes of a stream, in the pieces in which they come. */
export interface ChunkSource {
  /** The next piece, at once when it is here; undefined at the end. Throws what broke the stream. One call at a time. */
  next(): Buffer | undefined | Promise<Buffer | undefined>;
}

/** Bytes that may wait here to be taken before the stream is told to stop. */
const ENOUGH = 1 << 17;

/**
 * Takes a stream's pieces as they are. Reading a stream by `for await` joins all that wait into one new piece, which means
 * that most bytes of a large content are copied once more.
 */
export function createChunkSource(input: Readable): ChunkSource {
  const queue: Buffer[] = [];
  let waiting = 0;
  let end: { readonly error: Error | undefined } | undefined;
  let wake: (() => void) | undefined;

  function woken(): void {
    wake?.();
    wake = undefined;
  }
  function take(): Buffer | undefined {
    const chunk = queue.shift();
    if (chunk === undefined) return undefined;
    waiting -= chunk.length;
    if (waiting < ENOUGH / 2 && input.isPaused()) input.resume();
    return chunk;
  }
  async function later(): Promise<Buffer | undefined> {
    while (queue.length === 0 && end === undefined) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    if (queue.length === 0 && end?.error !== undefined) throw end.error;
    return take();
  }

  finished(input, { writable: false }, (error) => {
    end ??= { error: error ?? undefined };
    woken();
  });
  input.on('data', (chunk: Buffer) => {
    queue.push(chunk);
    waiting += chunk.length;
    if (waiting >= ENOUGH) input.pause();
    woken();
  });
  return { next: () => take() ?? later() };
}
