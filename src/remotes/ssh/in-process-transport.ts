import type { ConnectConfig, ServerHostKeyAlgorithm } from 'ssh2';
import type { AnnexError } from '../../domain/errors.js';
import { toText } from '../../lib/bytes.js';
import type { SocketTarget } from '../transport/gathering-socket.js';
import { createSsh2Transport } from '../transport/ssh2-transport.js';
import type { Transport } from '../transport/transport.js';
import { hostKeyCheck, portOf } from './host-key-check.js';
import { type Algorithms, allowedAlgorithms, beyondUs } from './in-process.js';
import { localUser, ownKeys } from './own-keys.js';
import { sshDestination } from './ssh-address.js';
import { configValue, type SshConfig } from './ssh-config.js';
import { noConnection } from './ssh-failure.js';
import type { SshServer } from './system-connection.js';

/** Seconds, where the user's config says nothing. */
const patience = { connecting: 30, alive: 20, times: 3 } as const;

/**
 * A connection to a server in this process. Undefined where the system's ssh has to do it: what the user's config asks for
 * is beyond the library, or the server did not take us by what it knows (it may want a password or a passphrase).
 * @throws `remote-unavailable` when the server can't be reached, or shows another key than it should
 */
export async function connectInProcess(server: SshServer, config: SshConfig): Promise<Transport | undefined> {
  if (beyondUs(config) !== undefined) return undefined;
  const { default: ssh2 } = await import('ssh2');
  const { port } = server.address;
  const destination = sshDestination(server.address);
  const [keys, check] = await Promise.all([
    ownKeys(ssh2, config),
    hostKeyCheck(config, { destination, port }),
  ]);
  if (keys === undefined || keys.length === 0 || check === undefined) return undefined;
  let refusal: AnnexError | undefined;
  let beyond = false;
  const family = configValue(config, 'addressfamily');
  const transport = createSsh2Transport({
    target: {
      host: toText(configValue(config, 'hostname') ?? server.address.host),
      port: portOf(config),
      ...(family === 'inet' ? { family: 4 } : family === 'inet6' ? { family: 6 } : {}),
      ...bindTo(config),
    },
    config: {
      username: toText(configValue(config, 'user') ?? localUser().name),
      authHandler: keys,
      algorithms: algorithmsFor(allowedAlgorithms(config), check.types),
      hostVerifier: (blob: Buffer) => {
        refusal = check.refusal(blob);
        return refusal === undefined;
      },
      ...timeouts(config),
    },
    failure: (error) => {
      if (refusal !== undefined) return refusal;
      if (['client-socket', 'client-dns', 'client-timeout'].includes(error.level ?? ''))
        return noConnection(destination, port, error.message);
      beyond = true;
      return error;
    },
  });
  try {
    await transport.connect();
    return transport;
  } catch (error) {
    if (beyond) return undefined;
    throw error;
  }
}

function timeouts(
  config: SshConfig,
): Pick<ConnectConfig, 'readyTimeout' | 'keepaliveInterval' | 'keepaliveCountMax'> {
  const alive = Number(configValue(config, 'serveraliveinterval') ?? 0);
  const times = Number(configValue(config, 'serveralivecountmax') ?? patience.times);
  return {
    readyTimeout: Number(configValue(config, 'connecttimeout') ?? patience.connecting) * 1000,
    keepaliveInterval: (alive > 0 ? alive : patience.alive) * 1000,
    keepaliveCountMax: alive > 0 ? times : patience.times,
  };
}

function bindTo(config: SshConfig): Pick<SocketTarget, 'localAddress'> {
  const address = configValue(config, 'bindaddress');
  return address === undefined ? {} : { localAddress: toText(address) };
}

/** The server is asked for a key that can be checked, where one is known. */
function algorithmsFor(
  allowed: Algorithms,
  types: readonly string[],
): NonNullable<ConnectConfig['algorithms']> {
  const known = (name: string) => types.includes(/^rsa-sha2/.test(name) ? 'ssh-rsa' : name);
  const order = [
    ...allowed.serverHostKey.filter(known),
    ...allowed.serverHostKey.filter((name) => !known(name)),
  ];
  return {
    kex: [...allowed.kex],
    cipher: [...allowed.cipher],
    hmac: [...allowed.hmac],
    compress: [...allowed.compress],
    serverHostKey: order as ServerHostKeyAlgorithm[],
  } as NonNullable<ConnectConfig['algorithms']>;
}
