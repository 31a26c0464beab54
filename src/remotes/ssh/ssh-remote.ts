import type { ByteString } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import { createP2pRemote } from '../p2p/p2p-remote.js';
import type { Remote } from '../remote.js';
import type { RemoteIdentity } from '../unreachable-remote.js';
import { createSshChannels } from './ssh-channels.js';
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
  /** Told at the end what the server said on the side, for people. */
  readonly onRemark?: ((text: string) => void) | undefined;
}

/** A repository on a server that has `git-annex-shell`. Nothing is connected before it is needed. */
export function createSshRemote(options: SshRemoteOptions): Remote {
  const { identity, here, server, verify, jobs } = options;
  const { settingsOf, onRemark } = options;
  const channels = createSshChannels({ uuid: identity.uuid, here, server, settingsOf, onRemark });
  const bulk = channels.openBulk && { openBulk: channels.openBulk };
  const remote = createP2pRemote({ identity, here, verify, jobs, openChannel: channels.open, ...bulk });
  return {
    ...remote,
    async close() {
      await remote.close();
      await channels.close();
    },
  };
}
