/**
 * Starts `ask` for up to `window` items ahead of the consumer and gives the answers in the order of the items. An answer
 * is handed out as soon as it and all before it are there, even while the source of items is silent. When the consumer
 * stops early or an answer rejects, the source is told to return.
 */
export async function* pipelined<T, R>(
  items: AsyncIterable<T> | Iterable<T>,
  window: number,
  ask: (item: T) => Promise<R>,
): AsyncGenerator<R, void, undefined> {
  if (Symbol.asyncIterator in items) yield* fromAsync(items, window, ask);
  else yield* fromSync(items, window, ask);
}

async function* fromSync<T, R>(
  items: Iterable<T>,
  window: number,
  ask: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const source = items[Symbol.iterator]();
  const asked: Promise<R>[] = [];
  let ended = false;
  try {
    for (let head = 0; ; ) {
      // Refilled in halves, so that requests reach the other side in large pieces.
      if (!ended && asked.length - head <= window / 2) {
        if (head > 0) asked.splice(0, head);
        head = 0;
        while (asked.length < window) {
          const next = source.next();
          if (next.done) {
            ended = true;
            break;
          }
          asked.push(guarded(ask(next.value)));
        }
      }
      const answer = asked[head++];
      if (answer === undefined) return;
      yield await answer;
    }
  } finally {
    if (!ended) source.return?.();
  }
}

async function* fromAsync<T, R>(
  items: AsyncIterable<T>,
  window: number,
  ask: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const asked: Promise<R>[] = [];
  let state: 'open' | 'ended' | 'stopped' = 'open';
  let failure: { error: unknown } | undefined;
  let wakeConsumer = noop;
  let wakePump = noop;

  const pump = async (): Promise<void> => {
    try {
      for await (const item of items) {
        if (state === 'stopped') return;
        asked.push(guarded(ask(item)));
        wakeConsumer();
        while (asked.length >= window && state === 'open')
          await new Promise<void>((resolve) => (wakePump = resolve));
        if (state !== 'open') return;
      }
    } catch (error) {
      failure = { error };
    } finally {
      if (state === 'open') state = 'ended';
      wakeConsumer();
    }
  };

  void pump();
  try {
    for (;;) {
      const answer = asked.shift();
      if (answer !== undefined) {
        wakePump();
        yield await answer;
      } else if (state === 'open') {
        await new Promise<void>((resolve) => (wakeConsumer = resolve));
      } else {
        if (failure !== undefined) throw failure.error;
        return;
      }
    }
  } finally {
    state = 'stopped';
    wakePump();
  }
}

function noop(): void {}

/** A rejection nobody waits for yet must not count as unhandled. */
function guarded<R>(promise: Promise<R>): Promise<R> {
  promise.catch(noop);
  return promise;
}
