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

/** Locks that are held at the same time, each on a connection of its own. A usual ssh server allows ten sessions. */
const MOST = 8;
/** Milliseconds until an answer from which on it is worth while to make further connections. */
const FAR = 15;

/** The locks of contents on one server. */
export interface ContentLocks {
  lock(key: Key): Promise<RemoteContentLock | AnnexError | undefined>;
  /**
   * How many more can be had at once; no limit is known before the first. Where the server is far away, connections for as many
   * as are wanted are made ready meanwhile.
   */
  free(wanted: number): number;
}

export function createContentLocks({ connections, identity }: P2pParts): ContentLocks {
  let held = 0;
  /** Milliseconds that the last answer took. */
  let distance: number | undefined;

  /** The connection is for nothing else until the lock is released. */
  async function lockOn(connection: Connection, key: Key): Promise<RemoteContentLock | undefined> {
    const asked = performance.now();
    await connection.session.wire.send({ name: 'LOCKCONTENT', key });
    const locked = await readYesOrNo(connection.session);
    distance = performance.now() - asked;
    if (!locked) {
      connections.give(connection);
      return undefined;
    }
    held++;
    const release = onceOnly(async () => {
      held--;
      await connection.session.wire.send({ name: 'UNLOCKCONTENT' });
      connections.give(connection, true);
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

  return {
    lock,
    free(wanted) {
      if (distance === undefined) return Number.POSITIVE_INFINITY;
      const room = MOST - held;
      if (distance >= FAR) connections.prepare(Math.min(wanted, room));
      return Math.max(held === 0 ? 1 : 0, Math.min(room, connections.idle()));
    },
  };
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
