import { randomUUID } from 'node:crypto';
import type { ServedLock } from '../../protocol/served-content.js';

/** A lock that a client's connection keeps from running out. */
export interface KeptLock {
  /** The client said that it may go. */
  release(): Promise<void>;
  /** The client is gone: the content stays for ten minutes from when it was locked. */
  abandon(): Promise<void>;
}

/** The locks that clients hold, by the id they were told. */
export interface HeldLocks {
  /** Undefined when there are too many. `onGone` is called when the lock has ended in whatever way. */
  add(lock: ServedLock, onGone: () => void): string | undefined;
  /** Undefined: there is no such lock any more, or another connection keeps it. */
  keep(id: string): KeptLock | undefined;
  /** Leaves all locks to run out on their own. */
  close(): Promise<void>;
}

export interface HeldLocksOptions {
  readonly most: number;
  /** Milliseconds that a lock is held without a connection that keeps it. */
  readonly lifetime: number;
}

interface Held {
  readonly lock: ServedLock;
  readonly onGone: () => void;
  /** Undefined while a connection keeps the lock. */
  timer: NodeJS.Timeout | undefined;
}

export function createHeldLocks({ most, lifetime }: HeldLocksOptions): HeldLocks {
  const locks = new Map<string, Held>();
  const end = async (id: string, how: 'release' | 'abandon') => {
    const held = locks.get(id);
    if (held === undefined) return;
    locks.delete(id);
    clearTimeout(held.timer);
    try {
      await held.lock[how]();
    } finally {
      held.onGone();
    }
  };
  return {
    add(lock, onGone) {
      if (locks.size >= most) return undefined;
      const id = randomUUID();
      const timer = setTimeout(() => void end(id, 'abandon'), lifetime);
      timer.unref();
      locks.set(id, { lock, onGone, timer });
      return id;
    },
    keep(id) {
      const held = locks.get(id);
      if (held?.timer === undefined) return undefined;
      clearTimeout(held.timer);
      held.timer = undefined;
      return { release: () => end(id, 'release'), abandon: () => end(id, 'abandon') };
    },
    async close() {
      await Promise.allSettled([...locks.keys()].map((id) => end(id, 'abandon')));
    },
  };
}
