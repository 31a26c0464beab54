import { describe, expect, it } from 'vitest';
import { inLockGroups } from '../../../src/operations/drop/lock-groups.js';

/** Locks of which so many can be held at once. */
function locks(limit: () => number) {
  let held = 0;
  let most = 0;
  const session = { entries: [{ remote: { freeLocks: () => limit() - held } }] };
  return {
    session: session as unknown as Parameters<typeof inLockGroups>[0],
    held: () => held,
    most: () => most,
    async prove(item: number) {
      held++;
      most = Math.max(most, held);
      await Promise.resolve();
      return {
        item,
        release: async () => {
          held--;
        },
      };
    },
  };
}

const items = Array.from({ length: 20 }, (_, i) => i);

describe('groups of locks', () => {
  it.each([1, 3, 8, 100])('hold no more than %i at once, and carry out all in order', async (limit) => {
    const { session, prove, most, held } = locks(() => limit);
    const done: number[] = [];
    await inLockGroups(session, items, prove, async (proven) => {
      expect(held()).toBe(proven.length);
      done.push(...proven.map(({ item }) => item));
    });
    expect(done).toEqual(items);
    expect(most()).toBe(Math.min(limit, items.length));
    expect(held()).toBe(0);
  });

  it('are one where there is no limit, and prove one after the other', async () => {
    const { session, prove } = locks(() => Number.POSITIVE_INFINITY);
    const groups: number[] = [];
    let proving = 0;
    const alone = async (item: number) => {
      expect(++proving).toBe(1);
      const proven = await prove(item);
      proving--;
      return proven;
    };
    await inLockGroups(session, items, alone, async (proven) => void groups.push(proven.length));
    expect(groups).toEqual([20]);
  });

  it('are released when one can not be proven', async () => {
    const { session, prove, held } = locks(() => 4);
    const fails = async (item: number) => {
      if (item === 5) throw new Error('no');
      return prove(item);
    };
    await expect(inLockGroups(session, items, fails, async () => undefined)).rejects.toThrow('no');
    expect(held()).toBe(0);
  });
});
