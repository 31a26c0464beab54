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
import type { OpenNode } from './open-node.js';

export interface SshNodeOptions {
  readonly identity: RemoteIdentity;
  readonly url: ByteString;
  /** The remote of git config whose options of ssh count. */
  readonly settingsOf: ByteString;
  /** Told once why there is no connection, and what to do. */
  readonly warn: (text: string) => void;
}

/** A repository on another server, or behind another gateway there. It is connected when the client asks for something. */
export async function sshNode(gateway: Repository, options: SshNodeOptions): Promise<OpenNode> {
  const { identity, url, settingsOf, warn } = options;
  const { uuid } = identity;
  const server = sshServer(gateway, settingsOf, url);
  const channels = createSshChannels({ uuid, here: gateway, server, settingsOf });
  const bypass: Uuid[] = [gateway.uuid];
  const connections = createConnections({ identity, openChannel: explaining(channels.open, warn), bypass });
  const content = proxiedContent({
    uuid,
    clock: monotonicSeconds,
    bypass: (uuids) => void bypass.splice(1, bypass.length, ...(uuids as readonly Uuid[])),
    async connect() {
      const connection = await connections.take();
      return {
        session: connection.session,
        give: () => connections.give(connection),
        drop: () => connection.close(),
      };
    },
  });
  return {
    content,
    async close() {
      connections.close();
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
