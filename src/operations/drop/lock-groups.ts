import type { Session } from '../transfer/session.js';

/** Something whose locks are held until it is released. */
interface Releasable {
  release(): Promise<void>;
}

/**
 * Proves one drop after the other and carries them out in groups: all at once, or as many as the remotes can keep locked at
 * the same time. Each group's locks are released when it is done.
 */
export async function inLockGroups<T, P extends Releasable>(
  session: Pick<Session, 'entries'>,
  items: Iterable<T>,
  prove: (item: T) => Promise<P | undefined>,
  carryOut: (proven: readonly P[]) => Promise<void>,
): Promise<void> {
  let group: P[] = [];
  const finish = async (): Promise<void> => {
    await carryOut(group);
    for (const one of group) await one.release();
    group = [];
  };
  try {
    for (const item of items) {
      if (group.length > 0 && lacksLocks(session)) await finish();
      const proven = await prove(item);
      if (proven !== undefined) group.push(proven);
    }
    await finish();
  } finally {
    for (const one of group) await one.release();
  }
}

function lacksLocks({ entries }: Pick<Session, 'entries'>): boolean {
  return entries.some(({ remote }) => remote?.freeLocks?.() === 0);
}
