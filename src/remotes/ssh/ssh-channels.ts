import type { Uuid } from '../../domain/uuid.js';
import { ascii, type ByteString } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import type { Channel, OpenChannel } from '../p2p/channel.js';
import { channelOver } from '../transport/channel-over.js';
import type { RemoteCommand, Transport } from '../transport/transport.js';
import { inProcess, openTransport } from './open-transport.js';
import { shellCommand } from './shell-command.js';
import { createBulkTransport, type SshServer } from './system-connection.js';

export interface SshChannelOptions {
  /** The repository that is asked for: the server's own, or one that it proxies for. */
  readonly uuid: Uuid;
  readonly here: Repository;
  readonly server: SshServer;
  /** The remote of git config whose `annex-shell` counts. */
  readonly settingsOf: ByteString;
  /** Told at the end what the server said on the side, for people: a gateway tells there which node failed. */
  readonly onRemark?: ((text: string) => void) | undefined;
}

/** Connections by the P2P protocol to a repository on a server that has `git-annex-shell`. */
export interface SshChannels {
  readonly open: OpenChannel;
  /** For large contents; left out where no other way is better than the usual one. */
  readonly openBulk?: OpenChannel;
  close(): Promise<void>;
}

/** Nothing is connected before it is needed. */
export function createSshChannels(options: SshChannelOptions): SshChannels {
  const { uuid, here, server, settingsOf, onRemark } = options;
  const remarks = createRemarks();
  let transport: Transport | undefined;
  const command = shellCommand(
    here.settings,
    settingsOf,
    'p2pstdio',
    [server.address.path, ascii(here.uuid)],
    ` --uuid ${uuid}`,
  );
  let bulk: Transport | undefined;
  async function openBulk(): Promise<Channel> {
    bulk ??= createBulkTransport(server);
    return remarks.noting(await bulk.run(command));
  }
  return {
    async open() {
      transport ??= openTransport(server);
      return remarks.noting(await transport.run(command));
    },
    ...(inProcess(server) ? { openBulk } : {}),
    async close() {
      await Promise.all([transport?.close(), bulk?.close()]);
      transport = undefined;
      bulk = undefined;
      if (onRemark !== undefined) for (const text of remarks.take()) onRemark(text);
    },
  };
}

/** What the commands of connections complained about, where that did not become part of an error. */
function createRemarks() {
  const made = new Set<RemoteCommand>();
  return {
    noting(command: RemoteCommand): Channel {
      made.add(command);
      const channel = channelOver(command);
      return {
        ...channel,
        lost() {
          made.delete(command);
          return channel.lost();
        },
      };
    },
    /** Each once, whatever number of connections it came over. */
    take(): Set<string> {
      const texts = new Set([...made].map((command) => command.complaints()));
      made.clear();
      texts.delete('');
      return texts;
    },
  };
}
