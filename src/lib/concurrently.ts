import { createAsyncQueue } from './async-queue.js';

/**
 * Runs `work` on items of a stream, at most `limit` at once, and gives the results as they finish, in any order. The
 * source is read only when a worker is free. The first error ends it; work still running is waited for.
 */
export async function* concurrently<T, R>(
  items: AsyncIterable<T> | Iterable<T>,
  limit: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R, void, undefined> {
  const results = createAsyncQueue<R>(limit);
  let stopped = false;
  const source = iterate(items);
  let turn: Promise<unknown> = Promise.resolve();

  const next = (): Promise<IteratorResult<T>> => {
    const taken = turn.then(() => (stopped ? { done: true as const, value: undefined } : source.next()));
    turn = taken.catch(() => undefined);
    return taken;
  };
  const running = new Set<Promise<R>>();
  const worker = async (): Promise<void> => {
    for (;;) {
      const item = await next();
      if (item.done || stopped) return;
      const job = work(item.value);
      running.add(job);
      const result = await job.finally(() => running.delete(job));
      if (!(await results.push(result))) return;
    }
  };
  const failed = (error: unknown): void => {
    stopped = true;
    results.fail(error);
  };
  const workers = Array.from({ length: Math.max(1, limit) }, () => worker().catch(failed));
  void Promise.all(workers).then(() => results.end());
  try {
    yield* results;
  } finally {
    stopped = true;
    void source.return?.();
    await Promise.allSettled(running);
  }
}

function iterate<T>(items: AsyncIterable<T> | Iterable<T>): AsyncIterator<T> {
  if (Symbol.asyncIterator in items) return items[Symbol.asyncIterator]();
  const source = items[Symbol.iterator]();
  return {
    next: async () => source.next(),
    return: async () => {
      source.return?.();
      return { done: true, value: undefined };
    },
  };
}
