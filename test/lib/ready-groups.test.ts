import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { readyGroups } from '../../src/lib/ready-groups.js';

async function collect(promises: readonly Promise<unknown>[], grace: number): Promise<(readonly number[])[]> {
  const groups: (readonly number[])[] = [];
  for await (const group of readyGroups(promises, grace)) groups.push(group);
  return groups;
}

function held(): { promise: Promise<void>; settle: () => void; fail: () => void } {
  let settle = (): void => undefined;
  let fail = (): void => undefined;
  const promise = new Promise<void>((resolve, reject) => {
    settle = resolve;
    fail = () => reject(new Error('failed'));
  });
  return { promise, settle, fail };
}

it('gives all at once, in their order, when all settle in time', async () => {
  const [one, two, three] = [held(), held(), held()];
  const groups = collect([one.promise, two.promise, three.promise], 10_000);
  three.settle();
  await sleep(5);
  two.fail();
  one.settle();
  expect(await groups).toEqual([[0, 1, 2]]);
});

it('does not wait longer than the grace for those that are late', async () => {
  const [late, soon] = [held(), held()];
  const groups = readyGroups([late.promise, soon.promise], 20)[Symbol.asyncIterator]();
  soon.settle();
  expect((await groups.next()).value).toEqual([1]);
  late.settle();
  expect((await groups.next()).value).toEqual([0]);
  expect((await groups.next()).done).toBe(true);
});

it('gives nothing for nothing', async () => {
  expect(await collect([], 10)).toEqual([]);
});
