import { defineConfig } from 'vitest/config';

/** Tests that run the built program beside git-annex, git and ssh servers, or that break things on purpose. */
export default defineConfig({
  test: {
    include: ['test/interop/**/*.test.ts', 'test/fault/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // They wait for locks, flushes and servers as much as for the processor: three fill two cores.
    maxWorkers: 3,
    env: { GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0', TZ: 'UTC', LC_ALL: 'C.UTF-8' },
  },
});
