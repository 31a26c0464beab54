import type { Transport } from '../transport/transport.js';
import { resolveSshConfig } from './ssh-config.js';
import { sshDestination } from './ssh-address.js';
import { createSystemTransport, type SshServer } from './system-connection.js';

/**
 * The way to run commands on a server. Nothing is connected before the first of them. The connection is one of this process
 * where the user's ssh config allows it, else one of the system's ssh (always with `annex-ts.ssh` set to `system`).
 */
export function openTransport(server: SshServer): Transport {
  let chosen: Promise<Transport> | undefined;
  async function choice(): Promise<Transport> {
    chosen ??= choose(server);
    try {
      return await chosen;
    } catch (error) {
      // The next command tries again.
      chosen = undefined;
      throw error;
    }
  }
  return {
    run: async (command) => (await choice()).run(command),
    async close() {
      await (await chosen?.catch(() => undefined))?.close();
    },
  };
}

/** Whether a connection of this process is tried. */
export function inProcess({ program, here }: SshServer): boolean {
  const plain = program.kind === 'system' && program.options.length === 0;
  return plain && here.settings.get('annex-ts.ssh') !== 'system';
}

async function choose(server: SshServer): Promise<Transport> {
  if (!inProcess(server)) return createSystemTransport(server);
  const { address } = server;
  // Both take a while, and the second is needed nearly always.
  const [config, { connectInProcess }] = await Promise.all([
    resolveSshConfig(sshDestination(address), address.port),
    import('./in-process-transport.js'),
    import('ssh2'),
  ]);
  if (config === undefined) return createSystemTransport(server);
  return (await connectInProcess(server, config)) ?? createSystemTransport({ ...server, config });
}
