import { AnnexError } from '../domain/errors.js';
import type { OpenContent } from './served-content.js';

/**
 * A content that goes on from another source, at the byte that was reached, when one fails.
 * @param next the next source that has the content, from a byte on; undefined when there are no more
 * @param offset bytes of it that are not wanted
 */
export async function resumedContent(
  next: (offset: number) => Promise<OpenContent | undefined>,
  offset: number,
): Promise<OpenContent | undefined> {
  const first = await next(offset);
  if (first === undefined) return undefined;
  const { length } = first;
  let source: OpenContent = first;
  let at = 0;

  /** Turns to a source that has as much as is left. Throws why the one before failed, when there is none. */
  async function turnToNext(failure: unknown): Promise<void> {
    await source.close(undefined).catch(() => undefined);
    for (let found = await next(offset + at); found !== undefined; found = await next(offset + at)) {
      source = found;
      if (found.length === length - at) return;
      await found.close(false);
    }
    source = CLOSED;
    throw failure ?? new AnnexError('content-modified', 'content ended before all of it was sent');
  }

  return {
    length,
    async *pieces() {
      while (at < length) {
        let failure: unknown;
        try {
          for await (const piece of source.pieces()) {
            const part = piece.subarray(0, length - at);
            at += part.length;
            yield part;
            if (at === length) return;
          }
        } catch (error) {
          failure = error;
        }
        await turnToNext(failure);
      }
    },
    recycle: (piece) => source.recycle?.(piece),
    async unchanged() {
      for (;;) {
        try {
          return await source.unchanged();
        } catch (error) {
          const other = await turnToNext(error).catch(() => 'none' as const);
          if (other === 'none') return false;
        }
      }
    },
    close: (received) => source.close(received),
  };
}

/** Nothing is left to be read or ended. */
const CLOSED: OpenContent = {
  length: 0,
  pieces: () => [],
  unchanged: async () => false,
  close: async () => undefined,
};
