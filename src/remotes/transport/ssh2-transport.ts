import type { Client, ClientChannel, ConnectConfig } from 'ssh2';
import { AnnexError } from '../../domain/errors.js';
import { toBuffer } from '../../lib/buffers.js';
import { type ByteString, isAscii } from '../../lib/bytes.js';
import { channelCommand } from './ssh2-command.js';
import { createMutex } from '../../lib/mutex.js';
import { connectGathering, type SocketTarget } from './gathering-socket.js';
import type { Transport } from './transport.js';

export interface Ssh2Options {
  readonly target: SocketTarget;
  readonly config: ConnectConfig;
  /** The error for a connection that could not be made. */
  readonly failure: (error: Error & { readonly level?: string }) => Error;
}

/** Commands over an ssh connection of this process. Further connections are made when the server wants no more on one. */
export function createSsh2Transport({
  target,
  config,
  failure,
}: Ssh2Options): Transport & { connect(): Promise<void> } {
  const open = new Set<Client>();
  const turns = createMutex();
  let current: Client | undefined;

  async function dial(): Promise<Client> {
    const { default: ssh2 } = await import('ssh2');
    const client = new ssh2.Client();
    const sock = connectGathering(target);
    await new Promise<void>((resolve, reject) => {
      client.on('ready', resolve);
      client.on('error', reject);
      client.on('close', () => reject(new Error('the connection was closed')));
      // Throws for a key or algorithm that the library does not take.
      client.connect({ ...config, sock });
    }).catch((error: Error) => {
      sock.destroy();
      throw failure(error);
    });
    client.on('error', () => undefined);
    open.add(client);
    client.on('close', () => open.delete(client));
    return client;
  }

  /** One that takes commands: not that which is full. */
  function usable(full?: Client): Promise<Client> {
    return turns.run(async () => {
      if (current === undefined || current === full || !open.has(current)) current = await dial();
      return current;
    });
  }

  return {
    async connect() {
      await usable();
    },
    async run(command) {
      const client = await usable();
      try {
        return channelCommand(await execute(client, command));
      } catch {
        // The server allows no more commands on this connection, or has closed it without a word.
        return channelCommand(await execute(await usable(client), command).catch(refused));
      }
    },
    async close() {
      const ends = [...open].map((client) => new Promise<void>((resolve) => client.on('close', resolve)));
      for (const client of open) client.end();
      const late = setTimeout(() => {
        for (const client of open) client.destroy();
      }, 1000);
      await Promise.all(ends);
      clearTimeout(late);
    },
  };
}

function execute(client: Client, command: ByteString): Promise<ClientChannel> {
  // The library takes bytes too, which its types do not say.
  const line = isAscii(command) ? command : (toBuffer(command) as unknown as string);
  return new Promise((resolve, reject) => {
    client.exec(line, (error, channel) => (error === undefined ? resolve(channel) : reject(error)));
  });
}

function refused(error: Error): never {
  if (error instanceof AnnexError) throw error;
  throw new AnnexError('remote-unavailable', `the server did not start a command: ${error.message}`);
}
