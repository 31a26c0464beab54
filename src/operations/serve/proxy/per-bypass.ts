import type { Uuid } from '../../../domain/uuid.js';
import type { ByteString } from '../../../lib/bytes.js';

/** Gateways of a cluster, by far. */
const MOST = 100;

/** One of something for each set of gateways that are to be passed by: that is told when a connection begins. */
export interface PerBypass<T> {
  /** @param more what a client adds */
  get(more: readonly ByteString[]): T;
  all(): Iterable<T>;
}

export function createPerBypass<T>(own: readonly Uuid[], make: (bypass: readonly Uuid[]) => T): PerBypass<T> {
  const made = new Map<string, T>();
  return {
    get(more) {
      const bypass = [...new Set([...own, ...(more.slice(0, MOST) as Uuid[])])].sort();
      const name = bypass.join(' ');
      const known = made.get(name) ?? make(bypass);
      made.set(name, known);
      return known;
    },
    all: () => made.values(),
  };
}
