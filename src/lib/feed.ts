import { createWakeUp } from './wake-up.js';

/** A stream that several take from, and to which what could not be done is given back. */
export interface Feed<T> {
  /** An item that is here now; those given back come first. */
  take(): T | undefined;
  /** What `take` would give. */
  peek(): T | undefined;
  giveBack(items: readonly T[]): void;
  /** Resolves when there may be something to take, or nothing comes any more. Throws what the stream throws. */
  ready(): Promise<void>;
  /** Nothing is here, and nothing comes. */
  readonly ended: boolean;
  /** Items that are here. */
  readonly length: number;
  /** The stream is not read any further. */
  stop(): void;
}

/** @param ahead items that are read from the stream before they are taken */
export function createFeed<T>(source: AsyncIterable<T>, ahead: number): Feed<T> {
  const iterator = source[Symbol.asyncIterator]();
  const back: T[] = [];
  const items: T[] = [];
  const changed = createWakeUp();
  const room = createWakeUp();
  let reading = true;
  let failure: { readonly error: unknown } | undefined;

  async function pump(): Promise<void> {
    try {
      while (reading) {
        const next = await iterator.next();
        if (next.done) break;
        items.push(next.value);
        changed.fire();
        while (reading && items.length >= ahead) await room.wait();
      }
    } catch (error) {
      failure = { error };
    }
    reading = false;
    changed.fire();
  }
  void pump();

  const length = () => back.length + items.length;
  return {
    take() {
      if (back.length > 0) return back.shift();
      const item = items.shift();
      room.fire();
      return item;
    },
    peek: () => (back.length > 0 ? back[0] : items[0]),
    giveBack(given) {
      back.unshift(...given);
      changed.fire();
    },
    async ready() {
      if (length() === 0 && reading) await changed.wait();
      if (length() === 0 && failure !== undefined) throw failure.error;
    },
    get ended() {
      return length() === 0 && !reading && failure === undefined;
    },
    get length() {
      return length();
    },
    stop() {
      if (!reading) return;
      reading = false;
      room.fire();
      changed.fire();
      void iterator.return?.().catch(() => undefined);
    },
  };
}
