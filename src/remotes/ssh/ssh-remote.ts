import { ascii } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import type { Channel } from '../p2p/channel.js';
import { createP2pRemote } from '../p2p/p2p-remote.js';
import type { Remote } from '../remote.js';
import { createStreamWire } from '../transport/stream-wire.js';
import type { RemoteCommand, Transport } from '../transport/transport.js';
import type { RemoteIdentity } from '../unreachable-remote.js';
import { openTransport } from './open-transport.js';
import { shellCommand } from './shell-command.js';
import type { SshServer } from './system-connection.js';

export interface SshRemoteOptions {
  readonly identity: RemoteIdentity;
  readonly here: Repository;
  readonly server: SshServer;
  readonly verify: boolean;
  /** Sessions that work at the same time, over one connection of ssh where it is shared. */
  readonly jobs: number;
}

/** A repository on a server that has `git-annex-shell`. Nothing is connected before it is needed. */
export function createSshRemote({ identity, here, server, verify, jobs }: SshRemoteOptions): Remote {
  let transport: Transport | undefined;
  const command = shellCommand(
    here.settings,
    identity.name,
    'p2pstdio',
    [server.address.path, ascii(here.uuid)],
    ` --uuid ${identity.uuid}`,
  );
  const remote = createP2pRemote({
    identity,
    here,
    verify,
    jobs,
    async openChannel() {
      transport ??= openTransport(server);
      return channelOver(await transport.run(command));
    },
  });
  return {
    ...remote,
    async close() {
      await remote.close();
      await transport?.close();
      transport = undefined;
    },
  };
}

/** The protocol with a command that runs on the other side. */
export function channelOver(command: RemoteCommand): Channel {
  return {
    wire: createStreamWire(command.input, command.output),
    async lost() {
      await command.exited;
      const complaints = command.complaints();
      return complaints === '' ? undefined : complaints;
    },
    close: () => command.close(),
  };
}
