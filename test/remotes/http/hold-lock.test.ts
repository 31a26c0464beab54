import { afterEach, expect, it, vi } from 'vitest';
import type { Key } from '../../../src/domain/key.js';
import type { Uuid } from '../../../src/domain/uuid.js';
import type { AnnexApi } from '../../../src/remotes/http/annex-api.js';
import { holdLock } from '../../../src/remotes/http/hold-lock.js';

afterEach(() => void vi.useRealTimers());

it('a lock is let go of in time, though the server says nothing any more', async () => {
  vi.useFakeTimers();
  let signal: AbortSignal | undefined;
  const api = {
    async ask(endpoint: string, _parameters: unknown, more?: { readonly signal?: AbortSignal }) {
      if (endpoint === 'checkpresent') return { text: async () => '{"present":true}' };
      if (endpoint === 'lockcontent') return { text: async () => '{"locked":true,"lockid":"1"}' };
      signal = more?.signal;
      return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal?.reason)));
    },
  } as unknown as AnnexApi;
  const lock = await holdLock(api, 'u' as Uuid, 'WORM-s1--k' as Key);
  let released = false;
  const release = lock?.release().then(() => (released = true));
  await vi.advanceTimersByTimeAsync(29_000);
  expect([released, signal?.aborted]).toEqual([false, false]);
  await vi.advanceTimersByTimeAsync(2000);
  await release;
  expect([released, signal?.aborted]).toEqual([true, true]);
});
