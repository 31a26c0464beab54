import { describe, expect, it } from 'vitest';
import { createRequestWindow } from '../../src/planning/request-window.js';

function answers(window: { answered(): void }, count: number): void {
  for (let i = 0; i < count; i++) window.answered();
}

describe('the window of requests', () => {
  it('doubles with each full window that was answered, up to its limit', () => {
    const window = createRequestWindow({ start: 8, most: 64 });
    answers(window, 7);
    expect(window.size).toBe(8);
    answers(window, 1);
    expect(window.size).toBe(16);
    answers(window, 16 + 32 + 64 + 1000);
    expect(window.size).toBe(64);
  });

  it('asks one at a time for a while after a break, then ahead again', () => {
    const window = createRequestWindow({ start: 8, most: 64 });
    window.broke(20);
    expect(window.size).toBe(1);
    answers(window, 31);
    expect(window.size).toBe(1);
    answers(window, 1);
    expect(window.size).toBe(8);
  });

  it('leaves it at that with a server that never copes, but not for a bad network', () => {
    const never = createRequestWindow({ start: 8, most: 64 });
    const network = createRequestWindow({ start: 8, most: 64 });
    for (let i = 0; i < 5; i++) {
      never.broke(0);
      answers(never, 100);
      network.broke(50);
      answers(network, 33);
    }
    expect([never.size, network.size]).toEqual([1, 8]);
  });

  it('that starts at one stays there', () => {
    const window = createRequestWindow({ start: 1, most: 1 });
    answers(window, 1000);
    expect(window.size).toBe(1);
  });
});
