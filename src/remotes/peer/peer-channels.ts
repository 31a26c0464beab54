import type { ChildProcess } from 'node:child_process';
import { AnnexError } from '../../domain/errors.js';
import { type P2pAddress, p2pProgram } from '../../domain/p2p-address.js';
import type { Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import { spawnBytes } from '../../lib/spawn-bytes.js';
import type { Wire } from '../../protocol/wire.js';
import { gitEnvironment } from '../../repository/git/environment.js';
import type { Repository } from '../../repository/repository.js';
import type { Channel, OpenChannel } from '../p2p/channel.js';
import { channelOver } from '../transport/channel-over.js';
import { childCommand } from '../transport/child-command.js';
import type { RemoteCommand } from '../transport/transport.js';
import { authToken, tokenHint } from './auth-token.js';

/** Milliseconds for which a peer's first word is waited for: such networks take their time to find somebody. */
const PATIENCE = 120_000;

/** Milliseconds for which a program may go on when there is nothing more for it to do. */
const GRACE = 2000;

/** A repository, or what git knows of one that is being cloned. */
export interface PeerClient {
  /** How it names itself to peers; empty where it has no uuid yet. */
  readonly uuid: ByteString;
  readonly location: Pick<Repository['location'], 'workTree' | 'gitDir' | 'commonDir'>;
}

/**
 * Connections to a repository on a P2P network: each is a run of the network's program, which relays what is said. The token is
 * read anew for each.
 * @param behind a repository that the peer leads to; undefined: the peer itself
 */
export function peerChannels(here: PeerClient, address: P2pAddress, behind?: Uuid): OpenChannel {
  return async () => {
    const token = authToken(here.location.commonDir, address);
    const child = await startProgram(address, here.location.workTree ?? here.location.gitDir);
    const command = childCommand(child);
    const channel = channelOver({ ...command, close: () => endGently(command) });
    return {
      ...channel,
      behind,
      wire: impatient(channel),
      lost: async () => (await channel.lost()) ?? `${p2pProgram(address)} ended${exitText(child)}`,
      auth: { uuid: here.uuid, token, rejected: tokenHint(address) },
    };
  };
}

/** Throws `remote-unavailable` when it is not installed. */
async function startProgram(address: P2pAddress, folder: ByteString): Promise<ChildProcess> {
  const program = p2pProgram(address);
  const child = spawnBytes(program, [address.address], {
    cwd: folder,
    env: gitEnvironment(),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error: NodeJS.ErrnoException) => {
      const reason =
        error.code === 'ENOENT'
          ? `the program ${program} is not installed`
          : `the program ${program} could not be started: ${error.message}`;
      const hint = `It connects to the P2P network "${address.net}", and has to be in the PATH.`;
      reject(new AnnexError('remote-unavailable', reason, { hint, cause: error }));
    });
  });
  return child;
}

/**
 * What was said last, that a content needs no lock any more for instance, still goes out; then the program sees that there is no
 * more to come.
 */
function endGently({ input, output, exited, close }: RemoteCommand): void {
  input.destroy();
  setImmediate(() => output.end());
  const timer = setTimeout(close, GRACE);
  void exited.then(() => clearTimeout(timer));
}

/** The wire of a connection that is given up when nothing at all is said on it. */
function impatient({ wire, close }: Channel): Wire {
  let heard = false;
  return {
    ...wire,
    async line() {
      if (heard) return wire.line();
      const timer = setTimeout(close, PATIENCE);
      try {
        return await wire.line();
      } finally {
        clearTimeout(timer);
        heard = true;
      }
    },
  };
}

function exitText({ exitCode, signalCode }: ChildProcess): string {
  if (signalCode !== null) return ` by ${signalCode}`;
  return exitCode === null || exitCode === 0 ? '' : ` with exit code ${exitCode}`;
}
