import type { Channel } from '../p2p/channel.js';
import { createStreamWire } from './stream-wire.js';
import type { RemoteCommand } from './transport.js';

/** The protocol with a command that runs on the other side, or that leads there. */
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
