import { expect, it } from 'vitest';
import { createParallelRequests } from '../../src/planning/parallel-requests.js';

const times = (count: number, work: () => void) => Array.from({ length: count }).forEach(work);

it('asks for more at once while small requests are answered, up to the most', () => {
  const parallel = createParallelRequests({ start: 6, most: 32 });
  const small = () => {
    parallel.began(100);
    parallel.answered();
  };
  times(5, small);
  expect(parallel.size).toBe(6);
  small();
  expect(parallel.size).toBe(12);
  times(12 + 24 + 100, small);
  expect(parallel.size).toBe(32);
});

it('goes back for large contents and those of unknown size, and further after failures', () => {
  for (const large of [5 << 20, undefined]) {
    const parallel = createParallelRequests({ start: 6, most: 32 });
    times(50, parallel.answered);
    expect(parallel.size).toBe(32);
    parallel.began(large);
    expect(parallel.size).toBe(6);
    times(10, parallel.failed);
    expect(parallel.size).toBe(1);
    parallel.answered();
    expect(parallel.size).toBe(2);
  }
});
