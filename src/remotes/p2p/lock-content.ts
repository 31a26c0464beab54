import { AnnexError } from '../../domain/errors.js';
import type { Key } from '../../domain/key.js';
import { readYesOrNo } from '../../protocol/client.js';
import { asAnnexError } from '../local-git/system-errors.js';
import type { RemoteContentLock } from '../remote.js';
import type { Connection } from './connections.js';
import type { P2pParts } from './parts.js';
import { lostFor } from './work-through.js';

/** Milliseconds for which a server keeps content locked for a client that vanished. */
const RETENTION = 600_000;

/**
 * Locks that are held at the same time without need. Each takes a connection of its own, and to make one takes longer than to
 * lock several contents one after the other.
 */
const MOST = 1;

/** The locks of contents on one server. */
export interface ContentLocks {
  lock(key: Key): Promise<RemoteContentLock | AnnexError | undefined>;
  free(): number;
}

export function createContentLocks({ connections, identity }: P2pParts): ContentLocks {
  let held = 0;

  /** The connection is for nothing else until the lock is released. */
  async function lockOn(connection: Connection, key: Key): Promise<RemoteContentLock | undefined> {
    const asked = performance.now();
    await connection.session.wire.send({ name: 'LOCKCONTENT', key });
    if (!(await readYesOrNo(connection.session))) {
      connections.give(connection);
      return undefined;
    }
    held++;
    const release = onceOnly(async () => {
      held--;
      await connection.session.wire.send({ name: 'UNLOCKCONTENT' });
      connections.give(connection);
    });
    return { uuid: identity.uuid, expires: asked + RETENTION, release };
  }

  async function lock(key: Key): Promise<RemoteContentLock | AnnexError | undefined> {
    let connection: Connection | undefined;
    try {
      connection = await connections.take();
      return await lockOn(connection, key);
    } catch (error) {
      if (connection === undefined) return asAnnexError(error, 'remote-unavailable');
      if (error instanceof AnnexError && error.code === 'remote-refused') {
        connections.give(connection);
        return error;
      }
      connection.close();
      // One that was idle may have died long ago.
      return connection.used ? lock(key) : lostFor(identity, connection, error);
    }
  }

  return { lock, free: () => Math.max(0, MOST - held) };
}

/** Where the connection is gone the server keeps the lock for a while, which harms nobody. */
function onceOnly(release: () => Promise<void>): () => Promise<void> {
  let released = false;
  return async () => {
    if (released) return;
    released = true;
    await release().catch(() => undefined);
  };
}
