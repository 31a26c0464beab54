import { AnnexError } from '../../domain/errors.js';
import { parseP2pUrl } from '../../domain/p2p-address.js';
import { parseUuid } from '../../domain/uuid.js';
import { ascii, type ByteString, toText } from '../../lib/bytes.js';
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
  const behind = settings.gateway === undefined ? undefined : settings.uuid;
  const openChannel = peerChannels(here, address, behind);
  const asked = settings.uuid === undefined ? await askedPeer(settings, openChannel, here, options) : {};
  const known = { ...settings, ...asked };
  const { uuid } = known;
  if (uuid === undefined) return { settings, remote: undefined };
  const { createP2pRemote } = await import('../p2p/p2p-remote.js');
  const { verify } = settings;
  const { jobs = 1 } = options;
  return {
    settings: known,
    remote: createP2pRemote({ identity: identityOf(known, uuid), here, verify, jobs, openChannel }),
  };
}

/** Who the peer says it is, and whether it leads to what is behind it; recorded, or complained about. */
async function askedPeer(
  settings: RemoteSettings,
  openChannel: OpenChannel,
  here: Repository,
  options: ListRemotesOptions,
): Promise<Partial<Pick<RemoteSettings, 'uuid' | 'leadsOn'>>> {
  const { openSession } = await import('../p2p/connections.js');
  const { askToLead } = await import('../../protocol/client.js');
  const name = toText(settings.name);
  try {
    const { session, channel } = await openSession(settings.name, openChannel);
    const refused = await askToLead(session).finally(channel.close);
    const uuid = parseUuid(session.uuid);
    if (uuid === undefined) throw new AnnexError('protocol', `${name} does not say which repository it is`);
    await rememberUuid(settings, uuid, here, options);
    if (refused !== undefined) return { uuid };
    await here.settings.set(`remote.${settings.name}.annex-ts-gateway`, ascii('true'));
    return { uuid, leadsOn: true };
  } catch (error) {
    if (!(error instanceof AnnexError)) throw error;
    options.warn(error.message);
    if (error.hint !== undefined) options.warn(error.hint);
    options.warn(`Unable to connect to repository ${name} to get its annex.uuid configuration.`);
    return {};
  }
}
