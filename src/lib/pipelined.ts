/**
 * Starts `ask` for up to `window` items ahead of the consumer and gives the answers in the order of the items. An answer
 * is handed out as soon as it and all before it are there, even while the source of items is silent. When the consumer
 * stops early or an answer rejects, the source is told to return. An answer that is known at once need not be a promise.
 */
export async function* pipelined<T, R>(
  items: AsyncIterable<T> | Iterable<T>,
  window: number,
  ask: (item: T) => R | Promise<R>,
): AsyncGenerator<R, void, undefined> {
  if (Symbol.asyncIterator in items) yield* fromAsync(items, window, ask);
  else yield* fromSync(items, window, ask);
}

async function* fromSync<T, R>(
  items: Iterable<T>,
  window: number,
  ask: (item: T) => R | Promise<R>,
): AsyncGenerator<R> {
  const source = items[Symbol.iterator]();
  const asked: (R | Promise<R>)[] = [];
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
      if (head === asked.length) return;
      const answer = asked[head++] as R | Promise<R>;
      yield answer instanceof Promise ? await answer : answer;
    }
  } finally {
    if (!ended) source.return?.();
  }
}

async function* fromAsync<T, R>(
  items: AsyncIterable<T>,
  window: number,
  ask: (item: T) => R | Promise<R>,
): AsyncGenerator<R> {
  const asked: (R | Promise<R>)[] = [];
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
      if (asked.length > 0) {
        const answer = asked.shift() as R | Promise<R>;
        wakePump();
        yield answer instanceof Promise ? await answer : answer;
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
function guarded<R>(answer: R | Promise<R>): R | Promise<R> {
  if (answer instanceof Promise) answer.catch(noop);
  return answer;
}
