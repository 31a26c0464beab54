import { AnnexError } from '../../domain/errors.js';
import { parseP2pUrl } from '../../domain/p2p-address.js';
import { parseUuid, type Uuid } from '../../domain/uuid.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import type { OpenChannel } from '../p2p/channel.js';
import { createUnreachableRemote } from '../unreachable-remote.js';
import { identityOf, rememberUuid } from './local-entry.js';
import type { ListRemotesOptions, RemoteEntry } from './remote-entry.js';
import type { RemoteSettings } from './remote-settings.js';

/**
 * A repository on a P2P network (`p2p-annex::NET:ADDRESS`). It is asked for its uuid once; when that is known, nothing is
 * connected before the remote is used.
 */
export async function peerEntry(
  settings: RemoteSettings,
  url: ByteString,
  here: Repository,
  options: ListRemotesOptions,
): Promise<RemoteEntry> {
  if (settings.ignore && settings.uuid === undefined) return { settings, remote: undefined };
  const address = parseP2pUrl(url);
  if (address === undefined) {
    const reason = new AnnexError('remote-unavailable', `${toText(url)} is no address on a P2P network`, {
      hint: 'They look like this: p2p-annex::NETWORK:ADDRESS',
    });
    if (settings.uuid === undefined) options.warn(reason.message);
    return {
      settings,
      remote: settings.uuid && createUnreachableRemote(identityOf(settings, settings.uuid), reason),
    };
  }
  const { peerChannels } = await import('../peer/peer-channels.js');
  const openChannel = peerChannels(here, address);
  const uuid = settings.uuid ?? (await askedUuid(settings, openChannel, here, options));
  if (uuid === undefined) return { settings, remote: undefined };
  const { createP2pRemote } = await import('../p2p/p2p-remote.js');
  const { verify } = settings;
  const { jobs = 1 } = options;
  const known = { ...settings, uuid };
  return {
    settings: known,
    remote: createP2pRemote({ identity: identityOf(known, uuid), here, verify, jobs, openChannel }),
  };
}

/** Who the peer says it is; recorded, or complained about. */
async function askedUuid(
  settings: RemoteSettings,
  openChannel: OpenChannel,
  here: Repository,
  options: ListRemotesOptions,
): Promise<Uuid | undefined> {
  const { openSession } = await import('../p2p/connections.js');
  const name = toText(settings.name);
  try {
    const { session, channel } = await openSession(settings.name, openChannel);
    channel.close();
    const uuid = parseUuid(session.uuid);
    if (uuid === undefined) throw new AnnexError('protocol', `${name} does not say which repository it is`);
    await rememberUuid(settings, uuid, here, options);
    return uuid;
  } catch (error) {
    if (!(error instanceof AnnexError)) throw error;
    options.warn(error.message);
    if (error.hint !== undefined) options.warn(error.hint);
    options.warn(`Unable to connect to repository ${name} to get its annex.uuid configuration.`);
    return undefined;
  }
}
