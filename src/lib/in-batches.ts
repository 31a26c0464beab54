/** When a batch is full; whichever comes first. */
export interface BatchLimits<T> {
  /** Items. */
  readonly items: number;
  /** The sum of `weigh` over the batch's items; checked after an item was added. */
  readonly weight?: number;
  readonly weigh?: (item: T) => number;
  /** Milliseconds a batch that is not full waits for further items. */
  readonly linger: number;
}

/**
 * Groups the items of a stream, so that costs shared by many (a flush, a lock) are paid once a batch, while a source
 * that gives one item and then is silent still sees it handled at once. Batches are never empty.
 */
export async function* inBatches<T>(
  items: AsyncIterable<T> | Iterable<T>,
  limits: BatchLimits<T>,
): AsyncGenerator<T[]> {
  const source = iterate(items);
  let pending: Promise<IteratorResult<T>> | undefined;
  let ended = false;
  try {
    while (!ended) {
      const first = await (pending ?? source.next());
      pending = undefined;
      if (first.done) return;
      const batch = [first.value];
      let weight = limits.weigh?.(first.value) ?? 0;
      const patience = createPatience(limits.linger);
      try {
        while (batch.length < limits.items && weight < (limits.weight ?? Number.POSITIVE_INFINITY)) {
          pending = Promise.resolve(source.next());
          const next = await Promise.race([pending, patience.over]);
          if (next === undefined) break;
          pending = undefined;
          if (next.done) {
            ended = true;
            break;
          }
          batch.push(next.value);
          weight += limits.weigh?.(next.value) ?? 0;
        }
      } finally {
        patience.stop();
      }
      yield batch;
    }
  } finally {
    pending?.catch(() => undefined);
    if (!ended) void source.return?.();
  }
}

function createPatience(milliseconds: number): { readonly over: Promise<undefined>; stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, milliseconds, undefined);
  });
  return { over, stop: () => clearTimeout(timer) };
}

function iterate<T>(items: AsyncIterable<T> | Iterable<T>): AsyncIterator<T> | Iterator<T> {
  return Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
}

/** A stream of what is there already. */
export async function* streamOf<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}
