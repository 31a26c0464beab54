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

/** Locks content on the server. The connection is for nothing else until the lock is released. */
export async function lockOne(
  { connections, identity }: P2pParts,
  key: Key,
): Promise<RemoteContentLock | AnnexError | undefined> {
  for (;;) {
    let connection: Connection | undefined;
    try {
      connection = await connections.take();
      const asked = performance.now();
      await connection.session.wire.send({ name: 'LOCKCONTENT', key });
      if (await readYesOrNo(connection.session)) {
        const held = connection;
        return {
          uuid: identity.uuid,
          expires: asked + RETENTION,
          release: onceOnly(async () => {
            await held.session.wire.send({ name: 'UNLOCKCONTENT' });
            connections.give(held);
          }),
        };
      }
      connections.give(connection);
      return undefined;
    } catch (error) {
      if (connection === undefined) return asAnnexError(error, 'remote-unavailable');
      if (error instanceof AnnexError && error.code === 'remote-refused') {
        connections.give(connection);
        return error;
      }
      connection.close();
      // One that was idle may have died long ago.
      if (!connection.used) return lostFor(identity, connection, error);
    }
  }
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
