import { AnnexError } from '../../domain/errors.js';
import type { Uuid } from '../../domain/uuid.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import type { Mutex } from '../../lib/mutex.js';
import type { Repository } from '../../repository/repository.js';
import { parseAnnexUrl } from '../http/annex-url.js';
import type { RemoteConfig } from '../http/fetch-config.js';
import { identityOf, rememberUuid } from './local-entry.js';
import type { ListRemotesOptions, RemoteEntry } from './remote-entry.js';
import { probeLocal } from './probe-local.js';
import type { RemoteSettings } from './remote-settings.js';

/** Servers are asked one after the other where they may have a question. */
type ServedOptions = ListRemotesOptions & { readonly turns: Mutex };

/**
 * A repository behind http: a server of git-annex's protocol (`annexUrl`, or a url of that kind), or a plain web server. The
 * first time its git config is downloaded, which tells the uuid and may name an `annexUrl`.
 */
export async function httpEntry(
  settings: RemoteSettings,
  url: ByteString,
  here: Repository,
  options: ServedOptions,
): Promise<RemoteEntry> {
  if (settings.uuid !== undefined) return opened(settings, settings.uuid, url, here, options);
  if (settings.ignore) return { settings, remote: undefined };
  const found = await discover(settings, url, here, options);
  if (found?.uuid === undefined) return { settings, remote: undefined };
  await rememberUuid(settings, found.uuid, here, options);
  return opened({ ...settings, uuid: found.uuid }, found.uuid, found.annexUrl ?? url, here, options);
}

async function opened(
  settings: RemoteSettings,
  uuid: Uuid,
  url: ByteString,
  here: Repository,
  { jobs = 1 }: ServedOptions,
): Promise<RemoteEntry> {
  const { openHttpRemote } = await import('../http/open-http-remote.js');
  const { address, verify } = settings;
  const gitUrl = address.kind === 'http' ? address.url : undefined;
  const identity = identityOf(settings, uuid);
  const settingsOf = settings.gateway ?? settings.name;
  return { settings, remote: openHttpRemote({ identity, url, gitUrl, here, verify, settingsOf, jobs }) };
}

/** Which repository it is: the git repository tells, or the url itself. */
async function discover(
  settings: RemoteSettings,
  url: ByteString,
  here: Repository,
  options: ServedOptions,
): Promise<RemoteConfig | undefined> {
  const { address } = settings;
  const named = parseAnnexUrl(url);
  if (named?.uuid !== undefined) return { uuid: named.uuid, annexUrl: undefined };
  if (address.kind === 'local') {
    const probe = await probeLocal(address.path);
    return { uuid: probe.state === 'repository' ? probe.uuid : undefined, annexUrl: undefined };
  }
  if (address.kind === 'ssh') {
    const { sshEntry } = await import('./ssh-entry.js');
    const entry = await sshEntry(settings, address.url, here, options);
    await entry.remote?.close();
    return { uuid: entry.settings.uuid, annexUrl: undefined };
  }
  if (address.kind !== 'http' || parseAnnexUrl(address.url) !== undefined) {
    options.warn(
      `Remote ${toText(settings.name)}: its uuid is not known; set remote.${toText(settings.name)}.annex-uuid.`,
    );
    return undefined;
  }
  return options.turns.run(() => download(settings, address.url, named !== undefined, here, options));
}

async function download(
  settings: RemoteSettings,
  gitUrl: ByteString,
  hasAnnexUrl: boolean,
  here: Repository,
  options: ServedOptions,
): Promise<RemoteConfig | undefined> {
  const { discoverHttp } = await import('../http/discover-http.js');
  const { name } = settings;
  try {
    const config = await discoverHttp(here, gitUrl);
    if (config.uuid === undefined)
      throw new AnnexError('not-initialized', `${toText(name)} is not an annex yet`);
    if (hasAnnexUrl || config.annexUrl === undefined) return { uuid: config.uuid, annexUrl: undefined };
    await here.settings.set(`remote.${name}.annexurl`, config.annexUrl);
    return config;
  } catch (error) {
    if (!(error instanceof AnnexError)) throw error;
    await giveUp(name, error, here, options);
    return undefined;
  }
}

/** What will be the same the next time is not tried again; as git-annex does, the remote is ignored until told otherwise. */
async function giveUp(
  name: ByteString,
  error: AnnexError,
  here: Repository,
  options: ServedOptions,
): Promise<void> {
  const passing = error.code === 'remote-unavailable' || error.code === 'connection-lost';
  const text = `Remote ${toText(name)} not usable by git-annex`;
  options.warn(`${text}${passing ? '' : '; setting annex-ignore'}\n${error.message}`);
  if (passing) return;
  await here.settings.set(`remote.${name}.annex-ignore`, 'true' as ByteString).catch(() => undefined);
}
