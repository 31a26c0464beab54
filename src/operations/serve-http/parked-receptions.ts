import type { Reception } from '../../protocol/served-content.js';

/**
 * Receptions between the question from where a content is to be sent and the content: repositories behind a gateway are told
 * once that it comes, and the connections there stay.
 */
export interface ParkedReceptions {
  /** Keeps a reception for a while; `onGone` is called when it is taken, or was left as nobody came. */
  add(name: string, reception: Reception, onGone: () => void): void;
  /** How far the content came before, where it is parked. */
  offset(name: string): number | undefined;
  take(name: string): Reception | undefined;
  /** Leaves all. */
  close(): Promise<void>;
}

export interface ParkedReceptionsOptions {
  readonly most: number;
  /** Milliseconds for which a client is waited for. */
  readonly patience: number;
}

interface Parked {
  readonly reception: Reception;
  readonly onGone: () => void;
  readonly timer: NodeJS.Timeout;
}

export function createParkedReceptions({ most, patience }: ParkedReceptionsOptions): ParkedReceptions {
  const parked = new Map<string, Parked>();
  const take = (name: string): Reception | undefined => {
    const one = parked.get(name);
    if (one === undefined) return undefined;
    parked.delete(name);
    clearTimeout(one.timer);
    one.onGone();
    return one.reception;
  };
  const leave = async (name: string): Promise<void> => {
    // Who has no use of it any more need not know that it could not be ended well.
    await take(name)
      ?.leave()
      .catch(() => undefined);
  };
  return {
    add(name, reception, onGone) {
      void leave(name);
      const oldest = parked.size >= most ? parked.keys().next().value : undefined;
      if (oldest !== undefined) void leave(oldest);
      const timer = setTimeout(() => void leave(name), patience);
      parked.set(name, { reception, onGone, timer });
    },
    offset: (name) => parked.get(name)?.reception.offset,
    take,
    async close() {
      await Promise.all([...parked.keys()].map(leave));
    },
  };
}
