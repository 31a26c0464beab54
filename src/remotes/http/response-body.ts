/** The body of an answer between the connection, which gives its pieces, and who reads it. */
export interface ResponseBody {
  /** False: there is enough for now; `more` is called when it is not any more. */
  push(piece: Uint8Array): boolean;
  end(): void;
  fail(error: Error): void;
  /** To be gone through once. */
  readonly pieces: AsyncIterable<Uint8Array>;
}

/** Bytes and pieces that wait to be read, at most. */
const WAITING = { bytes: 1 << 19, pieces: 256 };

/**
 * @param more somebody wants to read on, after `push` said that there is enough
 * @param leave nobody reads on, although there is more
 */
export function createResponseBody(more: () => void, leave: () => void): ResponseBody {
  let queue: Uint8Array[] = [];
  let head = 0;
  let bytes = 0;
  let isFull = false;
  let ended: 'no' | 'yes' | Error = 'no';
  let waiting: { resolve(result: IteratorResult<Uint8Array>): void; reject(error: Error): void } | undefined;
  const finished: IteratorResult<Uint8Array> = { done: true, value: undefined };

  function take(): Uint8Array {
    const piece = queue[head++] as Uint8Array;
    bytes -= piece.length;
    if (head === queue.length) {
      queue = [];
      head = 0;
    }
    return piece;
  }
  function settle(result: 'yes' | Error): void {
    if (ended !== 'no') return;
    ended = result;
    const reader = waiting;
    waiting = undefined;
    if (result === 'yes') reader?.resolve(finished);
    else reader?.reject(result);
  }
  async function next(): Promise<IteratorResult<Uint8Array>> {
    if (head < queue.length) {
      const value = take();
      if (isFull && queue.length === 0) {
        isFull = false;
        more();
      }
      return { done: false, value };
    }
    if (ended === 'yes') return finished;
    if (ended !== 'no') throw ended;
    return new Promise((resolve, reject) => {
      waiting = { resolve, reject };
    });
  }

  return {
    push(piece) {
      if (waiting !== undefined) {
        const reader = waiting;
        waiting = undefined;
        reader.resolve({ done: false, value: piece });
        return true;
      }
      queue.push(piece);
      bytes += piece.length;
      isFull = bytes >= WAITING.bytes || queue.length - head >= WAITING.pieces;
      return !isFull;
    },
    end: () => settle('yes'),
    fail: settle,
    pieces: {
      [Symbol.asyncIterator]: () => ({
        next,
        async return() {
          queue = [];
          head = 0;
          if (ended === 'no') leave();
          return finished;
        },
      }),
    },
  };
}
