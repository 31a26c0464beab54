import { AnnexError } from '../../domain/errors.js';
import { ascii, type ByteString } from '../../lib/bytes.js';
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
  /** The remote of git config whose `annex-shell` counts. */
  readonly settingsOf: ByteString;
  readonly verify: boolean;
  /** Sessions that work at the same time, over one connection of ssh where it is shared. */
  readonly jobs: number;
  /** Told once why there is no connection, and what to do. */
  readonly warn: (text: string) => void;
}

/** A repository on a server that has `git-annex-shell`. Nothing is connected before it is needed. */
export function createSshRemote(options: SshRemoteOptions): Remote {
  const { identity, here, server, verify, jobs } = options;
  const complain = onlyOnce(options.warn);
  let transport: Transport | undefined;
  const command = shellCommand(
    here.settings,
    options.settingsOf,
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
      try {
        return channelOver(await transport.run(command));
      } catch (error) {
        if (error instanceof AnnexError) complain(error);
        throw error;
      }
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

/** What ssh would have said itself, were it asked for each content. */
function onlyOnce(warn: (text: string) => void): (error: AnnexError) => void {
  let told = false;
  return ({ message, hint }) => {
    if (told) return;
    told = true;
    warn(message);
    if (hint !== undefined) warn(hint);
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
