import { describe, expect, it } from 'vitest';
import { createFeed } from '../../src/lib/feed.js';
import { streamOf } from '../../src/lib/in-batches.js';

describe('a feed', () => {
  it('gives all items, those given back first, and ends', async () => {
    const feed = createFeed(streamOf([1, 2, 3, 4, 5]), 2);
    const taken: number[] = [];
    let returned = false;
    while (!feed.ended) {
      await feed.ready();
      const item = feed.take();
      if (item === undefined) continue;
      if (item === 3 && !returned) {
        returned = true;
        feed.giveBack([3, 30]);
      } else taken.push(item);
    }
    expect(taken).toEqual([1, 2, 3, 30, 4, 5]);
  });

  it('reads no more ahead than it may, and tells its source to stop', async () => {
    let made = 0;
    let stopped = false;
    async function* source() {
      try {
        for (;;) yield made++;
      } finally {
        stopped = true;
      }
    }
    const feed = createFeed(source(), 3);
    await feed.ready();
    await new Promise((resolve) => setImmediate(resolve));
    expect([feed.length, made]).toEqual([3, 3]);
    feed.stop();
    await new Promise((resolve) => setImmediate(resolve));
    expect(stopped).toBe(true);
  });

  it('throws what the source throws, after the items before', async () => {
    async function* source() {
      yield 1;
      throw new Error('broken');
    }
    const feed = createFeed(source(), 4);
    await feed.ready();
    expect(feed.take()).toBe(1);
    await expect(feed.ready()).rejects.toThrow('broken');
    expect(feed.ended).toBe(false);
  });
});
