import { createAsyncQueue } from './async-queue.js';

/**
 * The stream of what a piece of work emits while it runs. `emit` resolves when there is room for more. The signal that the
 * work gets is aborted when the given one is, or when nobody takes the results any more; the stream ends when the work has.
 */
export async function* produce<T>(
  given: AbortSignal,
  capacity: number,
  work: (emit: (item: T) => Promise<unknown>, signal: AbortSignal) => Promise<void>,
): AsyncGenerator<T, void, undefined> {
  const abandoned = new AbortController();
  const queue = createAsyncQueue<T>(capacity);
  const emit = async (item: T): Promise<unknown> => queue.push(item);
  const done = work(emit, AbortSignal.any([given, abandoned.signal])).then(queue.end, queue.fail);
  try {
    yield* queue;
  } finally {
    abandoned.abort();
    await done;
  }
}
