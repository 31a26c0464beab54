/** A queue between one or more producers and one consumer, with back-pressure. */
export interface AsyncQueue<T> extends AsyncIterable<T> {
  /**
   * Adds an item. Resolves when there is room for more; a producer that does not wait is not refused. False when the
   * consumer has stopped: nothing was added.
   */
  push(item: T): Promise<boolean> | boolean;
  /** No more items will come: the consumer ends after those queued. */
  end(): void;
  /** The consumer throws this after the items queued. */
  fail(error: unknown): void;
  readonly length: number;
}

/** @param capacity items queued before `push` asks producers to wait */
export function createAsyncQueue<T>(capacity: number = Number.POSITIVE_INFINITY): AsyncQueue<T> {
  let items: T[] = [];
  let head = 0;
  let state: 'open' | 'ended' | 'stopped' = 'open';
  let failure: { error: unknown } | undefined;
  let wakeConsumer: (() => void) | undefined;
  let waiting: ((open: boolean) => void)[] = [];

  const length = (): number => items.length - head;
  const wake = (): void => {
    wakeConsumer?.();
    wakeConsumer = undefined;
  };
  const letProducersGo = (): void => {
    const going = waiting;
    waiting = [];
    for (const go of going) go(state !== 'stopped');
  };
  const take = (): T => {
    const item = items[head++] as T;
    if (head > 1024 && head * 2 > items.length) {
      items = items.slice(head);
      head = 0;
    }
    if (waiting.length > 0 && length() < capacity) letProducersGo();
    return item;
  };

  async function* consume(): AsyncGenerator<T> {
    try {
      for (;;) {
        if (length() > 0) yield take();
        else if (failure !== undefined) throw failure.error;
        else if (state !== 'open') return;
        else await new Promise<void>((resolve) => (wakeConsumer = resolve));
      }
    } finally {
      state = 'stopped';
      items = [];
      head = 0;
      letProducersGo();
    }
  }

  return {
    push(item) {
      if (state !== 'open') return false;
      items.push(item);
      wake();
      if (length() < capacity) return true;
      return new Promise((resolve) => waiting.push(resolve));
    },
    end() {
      if (state === 'open') state = 'ended';
      wake();
    },
    fail(error) {
      failure ??= { error };
      if (state === 'open') state = 'ended';
      wake();
    },
    get length() {
      return length();
    },
    [Symbol.asyncIterator]: consume,
  };
}
