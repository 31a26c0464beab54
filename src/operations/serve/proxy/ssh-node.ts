import type { ByteString } from '../../../lib/bytes.js';
import { createSshChannels } from '../../../remotes/ssh/ssh-channels.js';
import { sshServer } from '../../../remotes/ssh/ssh-server.js';
import type { Repository } from '../../../repository/repository.js';
import { type ChannelNodeOptions, channelNode } from './channel-node.js';
import type { KeptNode } from './kept-node.js';

export interface SshNodeOptions extends Omit<ChannelNodeOptions, 'openChannel'> {
  readonly url: ByteString;
  /** The remote of git config whose options of ssh count. */
  readonly settingsOf: ByteString;
}

/** A repository on another server, or behind another gateway there. */
export function sshNode(gateway: Repository, options: SshNodeOptions): KeptNode {
  const { url, settingsOf } = options;
  const server = sshServer(gateway, settingsOf, url);
  const channels = createSshChannels({ uuid: options.identity.uuid, here: gateway, server, settingsOf });
  const node = channelNode({ ...options, openChannel: channels.open });
  return {
    ...node,
    async close() {
      await node.close();
      await channels.close();
    },
  };
}
