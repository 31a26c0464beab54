import type { Session } from '../transfer/session.js';

/** Something whose locks are held until it is released. */
interface Releasable {
  release(): Promise<void>;
}

/**
 * Proves drops and carries them out in groups: all at once, or as many as the remotes can keep locked at the same time, which
 * are then proven at the same time. Each group's locks are released when it is done.
 */
export async function inLockGroups<T, P extends Releasable>(
  session: Pick<Session, 'entries'>,
  items: Iterable<T>,
  prove: (item: T) => Promise<P | undefined>,
  carryOut: (proven: readonly P[]) => Promise<void>,
): Promise<void> {
  const rest = [...items];
  let group: P[] = [];
  const finish = async (): Promise<void> => {
    await carryOut(group);
    for (const one of group) await one.release();
    group = [];
  };
  const proveSome = async (some: readonly T[]): Promise<void> => {
    const ends = await Promise.allSettled(some.map(prove));
    for (const end of ends) if (end.status === 'fulfilled' && end.value !== undefined) group.push(end.value);
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  };
  try {
    for (let at = 0; at < rest.length; ) {
      const free = freeLocks(session, rest.length - at);
      if (group.length > 0 && free <= 0) await finish();
      const some = rest.slice(at, at + (Number.isFinite(free) ? Math.max(1, free) : 1));
      at += some.length;
      await proveSome(some);
    }
    await finish();
  } finally {
    for (const one of group) await one.release();
  }
}

/** What the remote with the fewest can lock; infinite where none sets a limit. */
function freeLocks({ entries }: Pick<Session, 'entries'>, wanted: number): number {
  const counts = entries.map(({ remote }) => remote?.freeLocks?.(wanted) ?? Number.POSITIVE_INFINITY);
  return Math.min(...counts, Number.POSITIVE_INFINITY);
}
