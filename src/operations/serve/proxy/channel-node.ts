import { AnnexError } from '../../../domain/errors.js';
import type { Uuid } from '../../../domain/uuid.js';
import { proxiedContent } from '../../../protocol/proxied-content.js';
import type { OpenChannel } from '../../../remotes/p2p/channel.js';
import { createConnections } from '../../../remotes/p2p/connections.js';
import type { RemoteIdentity } from '../../../remotes/unreachable-remote.js';
import { monotonicSeconds } from '../serve-repository.js';
import type { KeptNode } from './kept-node.js';
import { notAtOnceAgain } from './not-at-once-again.js';
import { createPerBypass } from './per-bypass.js';
import { timelyChannels } from './timely-channels.js';

export interface ChannelNodeOptions {
  readonly identity: RemoteIdentity;
  readonly openChannel: OpenChannel;
  /** Gateways that a cluster there should not go through, besides those that a client names. */
  readonly bypass: readonly Uuid[];
  /** Milliseconds that an answer may take. */
  readonly patience: number;
  /** Told once why there is no connection, and what to do. */
  readonly warn: (text: string) => void;
}

/** Milliseconds after which a server that could not be reached is tried again. */
const AGAIN = 20_000;

/** How many times longer than an answer may take one that gave none is left alone. */
const SHUNNED = 2;

/** A repository that speaks the P2P protocol over some connection. It is connected when a client asks for something. */
export function channelNode(options: ChannelNodeOptions): KeptNode {
  const { identity, warn, patience } = options;
  const { uuid } = identity;
  const attempts = notAtOnceAgain(AGAIN);
  const onSilence = (error: AnnexError) => attempts.failed(error, patience * SHUNNED);
  const openChannel = timelyChannels(explaining(options.openChannel, warn), { patience, onSilence });
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
          const connection = await attempts.run(chosen.take);
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
