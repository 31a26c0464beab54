import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inBatches, streamOf } from '../../src/lib/in-batches.js';

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of stream) all.push(item);
  return all;
}

describe('inBatches', () => {
  it('gives every item once, in order, in batches no larger than asked', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat()), fc.integer({ min: 1, max: 9 }), async (items, size) => {
        const batches = await collect(inBatches(streamOf(items), { items: size, linger: 1000 }));
        expect(batches.flat()).toEqual(items);
        for (const batch of batches.slice(0, -1)) expect(batch).toHaveLength(size);
        expect(batches.every((batch) => batch.length > 0)).toBe(true);
      }),
    );
  });

  it('ends a batch whose weight is reached', async () => {
    const limits = { items: 100, weight: 10, weigh: (n: number) => n, linger: 1000 };
    expect(await collect(inBatches([3, 9, 1, 20, 5], limits))).toEqual([[3, 9], [1, 20], [5]]);
  });

  it('does not wait for a silent source, and loses nothing', async () => {
    let more: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => (more = resolve));
    async function* source() {
      yield 1;
      await asked;
      yield 2;
      yield 3;
    }
    const batches = inBatches(source(), { items: 10, linger: 1 });
    expect((await batches.next()).value).toEqual([1]);
    more();
    expect((await batches.next()).value).toEqual([2, 3]);
    expect((await batches.next()).done).toBe(true);
  });

  it('passes on an error and tells the source when it is left', async () => {
    async function* failing() {
      yield 1;
      throw new Error('gone');
    }
    await expect(collect(inBatches(failing(), { items: 5, linger: 10 }))).rejects.toThrow('gone');
    let closed = false;
    async function* endless() {
      try {
        for (;;) yield 1;
      } finally {
        closed = true;
      }
    }
    for await (const batch of inBatches(endless(), { items: 2, linger: 10 })) {
      expect(batch).toEqual([1, 1]);
      break;
    }
    await sleep(1);
    expect(closed).toBe(true);
  });
});
