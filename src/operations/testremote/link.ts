import type { Remote } from '../../remotes/remote.js';
import { answerWithin } from './patience.js';

/** The remote in use; after `close` the next one who asks gets a new one. */
export interface Link {
  remote(): Promise<Remote>;
  close(): Promise<void>;
}

/** Milliseconds that a remote has to end its connections. */
const CLOSING = 5000;

export function createLink(open: () => Promise<Remote>): Link {
  let current: Promise<Remote> | undefined;
  return {
    remote: () => (current ??= open()),
    async close() {
      const closing = current;
      current = undefined;
      await answerWithin(CLOSING, async () => (await closing)?.close()).catch(() => undefined);
    },
  };
}
