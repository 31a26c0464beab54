/** A stream of requests that can be given back and asked for again. */
export interface RequestSource<R> {
  /** The next request; undefined: there are no more, or `stop` was called before one came. */
  next(): Promise<R | undefined>;
  /** Ends a `next` that waits; what it waited for is kept for the next one. */
  stop(): void;
  /** To be given again, before all others. */
  putBack(requests: readonly R[]): void;
  /** Whether all have been given. */
  ended(): boolean;
  close(): void;
}

export function createRequestSource<R>(requests: AsyncIterable<R>): RequestSource<R> {
  const iterator = requests[Symbol.asyncIterator]();
  const back: R[] = [];
  let coming: Promise<IteratorResult<R>> | undefined;
  let over = false;
  let wake: (() => void) | undefined;

  return {
    async next() {
      if (back.length > 0) return back.shift();
      if (over) return undefined;
      coming ??= iterator.next();
      const waited = coming;
      const result = await new Promise<IteratorResult<R> | undefined>((resolve, reject) => {
        wake = () => resolve(undefined);
        waited.then(resolve, reject);
      });
      wake = undefined;
      if (result === undefined) return undefined;
      coming = undefined;
      if (result.done) over = true;
      return result.done ? undefined : result.value;
    },
    stop: () => wake?.(),
    putBack: (requests) => void back.unshift(...requests),
    ended: () => over && back.length === 0,
    close() {
      coming?.catch(() => undefined);
      if (!over) void iterator.return?.();
      over = true;
    },
  };
}
