import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAsyncQueue } from '../../src/lib/async-queue.js';
import { concurrently } from '../../src/lib/concurrently.js';
import { createMutex } from '../../src/lib/mutex.js';
import { pipelined } from '../../src/lib/pipelined.js';
import { createRecordSplitter, splitRecords } from '../../src/lib/record-splitter.js';

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** An async source that remembers whether it was told to stop. */
function source<T>(items: readonly T[]): AsyncIterable<T> & { taken: number; stopped: boolean } {
  const state = {
    taken: 0,
    stopped: false,
    async *[Symbol.asyncIterator]() {
      try {
        for (const item of items) {
          state.taken++;
          yield item;
          await tick();
        }
      } finally {
        state.stopped = true;
      }
    },
  };
  return state;
}

const numbers = Array.from({ length: 200 }, (_, i) => i);

describe('pipelined', () => {
  it('keeps the order and never asks further ahead than its window', async () => {
    for (const items of [numbers, source(numbers)]) {
      let asked = 0;
      let given = 0;
      const ask = async (n: number): Promise<number> => {
        expect(++asked - given).toBeLessThanOrEqual(9);
        for (let i = 0; i < (n * 7) % 5; i++) await tick();
        return n * 2;
      };
      for await (const answer of pipelined(items, 8, ask)) expect(answer).toBe(2 * given++);
      expect(given).toBe(200);
    }
  });

  it('hands out answers while the source is silent', async () => {
    async function* silent(): AsyncGenerator<number> {
      yield 1;
      await new Promise(() => undefined);
    }
    for await (const answer of pipelined(silent(), 8, async (n) => n + 1)) {
      expect(answer).toBe(2);
      break;
    }
  });

  it('stops its source when the consumer stops or an answer fails, and passes on errors of the source', async () => {
    const early = source(numbers);
    for await (const n of pipelined(early, 4, async (each) => each)) if (n === 10) break;
    await tick();
    await tick();
    expect(early.stopped).toBe(true);
    expect(early.taken).toBeLessThan(30);
    const failing = pipelined(numbers, 4, async (n) => {
      if (n === 5) throw new Error('five');
      return n;
    });
    await expect(all(failing)).rejects.toThrow('five');
    async function* broken(): AsyncGenerator<number> {
      yield 1;
      throw new Error('source');
    }
    const seen: number[] = [];
    await expect(
      (async () => {
        for await (const n of pipelined(broken(), 4, async (each) => each)) seen.push(n);
      })(),
    ).rejects.toThrow('source');
    expect(seen).toEqual([1]);
  });
});

describe('concurrently', () => {
  it('does everything once, at most so many at a time', async () => {
    for (const items of [numbers, source(numbers)]) {
      let running = 0;
      let most = 0;
      const results = await all(
        concurrently(items, 5, async (n) => {
          most = Math.max(most, ++running);
          for (let i = 0; i < n % 3; i++) await tick();
          running--;
          return n;
        }),
      );
      expect(results.sort((a, b) => a - b)).toEqual(numbers);
      expect(most).toBeLessThanOrEqual(5);
    }
  });

  it('ends with the first error, after what still runs, even when the source is silent', async () => {
    async function* silent(): AsyncGenerator<number> {
      yield 1;
      yield 2;
      await new Promise(() => undefined);
    }
    let finished = false;
    const failing = concurrently(silent(), 3, async (n) => {
      if (n === 1) throw new Error('one');
      await tick();
      await tick();
      finished = true;
      return n;
    });
    await expect(all(failing)).rejects.toThrow('one');
    expect(finished).toBe(true);
  });

  it('stops taking items when the consumer stops', async () => {
    const items = source(numbers);
    for await (const _ of concurrently(items, 2, async (n) => n)) break;
    await tick();
    expect(items.taken).toBeLessThan(20);
  });
});

describe('async queue', () => {
  it('gives all items in order, and makes producers wait when full', async () => {
    const queue = createAsyncQueue<number>(3);
    const produce = async (): Promise<void> => {
      for (const n of numbers) {
        await queue.push(n);
        expect(queue.length).toBeLessThanOrEqual(3);
      }
      queue.end();
    };
    const [list] = await Promise.all([all(queue), produce()]);
    expect(list).toEqual(numbers);
  });

  it('tells producers that the consumer has gone, and the consumer of a failure after what is queued', async () => {
    const queue = createAsyncQueue<number>(1);
    queue.push(1);
    const waiting = queue.push(2);
    for await (const _ of queue) break;
    expect(await waiting).toBe(false);
    expect(await queue.push(3)).toBe(false);
    const failing = createAsyncQueue<number>();
    failing.push(1);
    failing.fail(new Error('late'));
    const seen: number[] = [];
    await expect(
      (async () => {
        for await (const n of failing) seen.push(n);
      })(),
    ).rejects.toThrow('late');
    expect(seen).toEqual([1]);
  });
});

describe('mutex', () => {
  it('runs jobs one after the other, also after one that failed', async () => {
    const mutex = createMutex();
    const log: string[] = [];
    const job = (name: string) => async (): Promise<string> => {
      log.push(`${name} starts`);
      await tick();
      log.push(`${name} ends`);
      if (name === 'b') throw new Error(name);
      return name;
    };
    const results = await Promise.allSettled(['a', 'b', 'c'].map((name) => mutex.run(job(name))));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(log).toEqual(['a starts', 'a ends', 'b starts', 'b ends', 'c starts', 'c ends']);
  });
});

describe('record splitter', () => {
  it('gives the same records however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.array(fc.integer({ min: 0, max: 200 })),
        (bytes, cuts) => {
          for (let i = 0; i < bytes.length; i++) if ((bytes[i] ?? 0) % 5 === 0) bytes[i] = 0;
          const buffer = Buffer.from(bytes);
          const splitter = createRecordSplitter(0);
          const records: string[] = [];
          const points = [...new Set([0, ...cuts.filter((cut) => cut < buffer.length), buffer.length])].sort(
            (a, b) => a - b,
          );
          points.forEach((point, i) => {
            const chunk = Buffer.from(buffer.subarray(point, points[i + 1] ?? buffer.length));
            records.push(...splitter.push(chunk));
            chunk.fill(1);
          });
          const rest = splitter.rest();
          const expected = buffer.toString('latin1').split('\0');
          const last = expected.pop();
          expect(records).toEqual(expected);
          expect(rest ?? '').toBe(last);
        },
      ),
    );
  });

  it('splits streams, the last record with or without separator', async () => {
    async function* chunks(...texts: string[]): AsyncGenerator<Buffer> {
      for (const text of texts) yield Buffer.from(text, 'latin1');
    }
    expect(await all(splitRecords(chunks('a\nb', '\xe9\n', '\nc'), '\n'))).toEqual(['a', 'b\xe9', '', 'c']);
    expect(await all(splitRecords(chunks('a\0'), '\0'))).toEqual(['a']);
    expect(await all(splitRecords(chunks(), '\0'))).toEqual([]);
  });
});
