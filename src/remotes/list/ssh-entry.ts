import { AnnexError } from '../../domain/errors.js';
import type { Uuid } from '../../domain/uuid.js';
import { ascii, type ByteString, toText } from '../../lib/bytes.js';
import type { Mutex } from '../../lib/mutex.js';
import type { Repository } from '../../repository/repository.js';
import type { Remote } from '../remote.js';
import { createUnreachableRemote } from '../unreachable-remote.js';
import type { ListRemotesOptions, RemoteEntry } from './remote-entry.js';
import { identityOf, rememberUuid } from './local-entry.js';
import type { RemoteSettings } from './remote-settings.js';

/**
 * A repository on a server. It is asked for its uuid once: when that is known, nothing is connected before the remote is used.
 * A server without git-annex is not asked again (`annex-ignore`).
 * @param options.turns servers are asked one after the other: ssh may have a question about each
 */
export async function sshEntry(
  settings: RemoteSettings,
  url: ByteString,
  here: Repository,
  options: ListRemotesOptions & { readonly turns: Mutex },
): Promise<RemoteEntry> {
  if (settings.ignore && settings.uuid === undefined) return { settings, remote: undefined };
  try {
    const uuid = settings.uuid ?? (await options.turns.run(() => askedUuid(settings, url, here, options)));
    if (uuid === undefined) return { settings, remote: undefined };
    return {
      settings: { ...settings, uuid },
      remote: await sshRemote(settings, uuid, url, here, options),
    };
  } catch (error) {
    if (!(error instanceof AnnexError)) throw error;
    if (settings.uuid !== undefined)
      return { settings, remote: createUnreachableRemote(identityOf(settings, settings.uuid), error) };
    options.warn(`Remote ${toText(settings.name)} cannot be used: ${error.message}`);
    return { settings, remote: undefined };
  }
}

async function sshRemote(
  settings: RemoteSettings,
  uuid: Uuid,
  url: ByteString,
  here: Repository,
  { jobs = 1, warn }: ListRemotesOptions,
): Promise<Remote> {
  const { createSshRemote } = await import('../ssh/ssh-remote.js');
  const { sshServer } = await import('../ssh/ssh-server.js');
  const identity = identityOf(settings, uuid);
  return createSshRemote({
    identity,
    here,
    server: sshServer(here, settings.gateway ?? settings.name, url),
    settingsOf: settings.gateway ?? settings.name,
    verify: settings.verify,
    jobs,
    // A server of its own only greets and complains of locales there.
    onRemark: settings.gateway === undefined ? undefined : warn,
  });
}

/** What the server says; recorded, or complained about. */
async function askedUuid(
  settings: RemoteSettings,
  url: ByteString,
  here: Repository,
  options: ListRemotesOptions,
): Promise<Uuid | undefined> {
  const { discoverUuid } = await import('../ssh/discover-uuid.js');
  const { openTransport } = await import('../ssh/open-transport.js');
  const { sshServer } = await import('../ssh/ssh-server.js');
  const server = sshServer(here, settings.name, url);
  const transport = openTransport(server);
  const found = await discoverUuid(transport, here.settings, settings.name, server.address.path);
  await transport.close();
  const name = toText(settings.name);
  if (found.state === 'annex') {
    await rememberUuid(settings, found.uuid, here, options);
    return found.uuid;
  }
  if (found.state === 'unreachable') {
    const { message, hint } = found.error;
    options.warn(message);
    options.warn(`Unable to connect to repository ${name} to get its annex.uuid configuration.`);
    if (hint !== undefined) options.warn(hint);
  }
  if (found.state === 'no-annex') await ignore(settings, found.complaints, here, options);
  return undefined;
}

async function ignore(
  { name }: RemoteSettings,
  complaints: string,
  here: Repository,
  options: ListRemotesOptions,
): Promise<void> {
  if (complaints !== '') options.warn(complaints);
  options.warn(`Remote ${toText(name)} does not have git-annex installed; setting annex-ignore`);
  options.warn(
    'This could be a problem with the git-annex installation on the remote. Please make sure that git-annex-shell is ' +
      'available in PATH when you ssh into the remote. Once you have fixed the git-annex installation, run: ' +
      `git config remote.${toText(name)}.annex-ignore false`,
  );
  try {
    await here.settings.set(`remote.${name}.annex-ignore`, ascii('true'));
  } catch (error) {
    // A repository that can't be written is asked again next time.
    if (!(error instanceof AnnexError)) throw error;
  }
}
