import type { Transport } from '../transport/transport.js';
import { createSystemTransport, type SshServer } from './system-connection.js';

/** The way to run commands on a server. Nothing is connected before the first of them. */
export function openTransport(server: SshServer): Transport {
  return createSystemTransport(server);
}
