import { AnnexError } from '../../../domain/errors.js';
import type { Uuid } from '../../../domain/uuid.js';
import type { ByteString } from '../../../lib/bytes.js';
import { proxiedContent } from '../../../protocol/proxied-content.js';
import type { OpenChannel } from '../../../remotes/p2p/channel.js';
import { createConnections } from '../../../remotes/p2p/connections.js';
import { createSshChannels } from '../../../remotes/ssh/ssh-channels.js';
import { sshServer } from '../../../remotes/ssh/ssh-server.js';
import type { RemoteIdentity } from '../../../remotes/unreachable-remote.js';
import type { Repository } from '../../../repository/repository.js';
import { monotonicSeconds } from '../serve-repository.js';
import type { KeptNode } from './kept-node.js';
import { notAtOnceAgain } from './not-at-once-again.js';
import { createPerBypass } from './per-bypass.js';

export interface SshNodeOptions {
  readonly identity: RemoteIdentity;
  readonly url: ByteString;
  /** The remote of git config whose options of ssh count. */
  readonly settingsOf: ByteString;
  /** Gateways that a cluster there should not go through, besides those that a client names. */
  readonly bypass: readonly Uuid[];
  /** Told once why there is no connection, and what to do. */
  readonly warn: (text: string) => void;
}

/** Milliseconds after which a server that could not be reached is tried again. */
const AGAIN = 20_000;

/** A repository on another server, or behind another gateway there. It is connected when a client asks for something. */
export function sshNode(gateway: Repository, options: SshNodeOptions): KeptNode {
  const { identity, url, settingsOf, warn } = options;
  const { uuid } = identity;
  const server = sshServer(gateway, settingsOf, url);
  const channels = createSshChannels({ uuid, here: gateway, server, settingsOf });
  const openChannel = explaining(channels.open, warn);
  const attempt = notAtOnceAgain(AGAIN);
  const all = createPerBypass(options.bypass, (bypass) =>
    createConnections({ identity, openChannel, bypass }),
  );
  return {
    ready: async () => undefined,
    serve() {
      let connections = all.get([]);
      return proxiedContent({
        uuid,
        clock: monotonicSeconds,
        bypass: (uuids) => {
          connections = all.get(uuids);
        },
        async connect() {
          const chosen = connections;
          const connection = await attempt(chosen.take);
          return {
            session: connection.session,
            give: (unheard) => chosen.give(connection, unheard),
            drop: () => connection.close(),
          };
        },
      });
    },
    async close() {
      await Promise.all([...all.all()].map((connections) => connections.close()));
      await channels.close();
    },
  };
}

function explaining(open: OpenChannel, warn: (text: string) => void): OpenChannel {
  let told = false;
  return async () => {
    try {
      return await open();
    } catch (error) {
      if (!told && error instanceof AnnexError) {
        told = true;
        warn(error.message);
        if (error.hint !== undefined) warn(error.hint);
      }
      throw error;
    }
  };
}
