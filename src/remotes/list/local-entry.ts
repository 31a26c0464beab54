import { AnnexError } from '../../domain/errors.js';
import type { Uuid } from '../../domain/uuid.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import { createLocalGitRemote } from '../local-git/local-git-remote.js';
import type { Remote } from '../remote.js';
import type { RemoteIdentity } from '../unreachable-remote.js';
import type { ListRemotesOptions, RemoteEntry } from './remote-entry.js';
import { probeLocal } from './probe-local.js';
import type { RemoteSettings } from './remote-settings.js';

/** A repository on a path of this machine: it is looked at, and its uuid recorded. */
export async function localEntry(
  settings: RemoteSettings,
  path: ByteString,
  here: Repository,
  options: ListRemotesOptions,
): Promise<RemoteEntry> {
  const looked = !settings.ignore && (settings.checkUuid || settings.uuid === undefined);
  if (!looked) {
    if (settings.uuid === undefined) return { settings, remote: undefined };
    return { settings, remote: localRemote(settings, settings.uuid, path, here, options) };
  }
  const uuid = (await currentUuid(settings, path, options)) ?? settings.uuid;
  if (uuid === undefined) return { settings, remote: undefined };
  if (uuid !== settings.uuid) await rememberUuid(settings, uuid, here, options);
  return { settings: { ...settings, uuid }, remote: localRemote(settings, uuid, path, here, options) };
}

/** The uuid of the repository that is at the path now; undefined when none is there or it can't be used. */
async function currentUuid(
  settings: RemoteSettings,
  path: ByteString,
  options: ListRemotesOptions,
): Promise<Uuid | undefined> {
  const probe = await probeLocal(path);
  if (probe.state !== 'repository') {
    if (settings.uuid === undefined)
      options.warn(`Remote ${toText(settings.name)} cannot currently be accessed.`);
    return undefined;
  }
  if (probe.uuid !== undefined) return probe.uuid;
  return openedUuid(path, options);
}

/** Opening a repository that git-annex does not use yet initialises it, where its branches say that it should. */
async function openedUuid(path: ByteString, options: ListRemotesOptions): Promise<Uuid | undefined> {
  try {
    const repository = await options.openRepository(path);
    const { uuid } = repository;
    await repository.close();
    return uuid;
  } catch (error) {
    if (error instanceof AnnexError) return undefined;
    throw error;
  }
}

/** Records which repository a remote is; a warning tells when it was another before. */
export async function rememberUuid(
  settings: RemoteSettings,
  uuid: Uuid,
  here: Repository,
  options: ListRemotesOptions,
): Promise<void> {
  if (settings.uuid !== undefined) {
    options.warn(`Remote ${toText(settings.name)} is now repository ${uuid}; it was ${settings.uuid}.`);
  }
  try {
    await here.settings.set(`remote.${settings.name}.annex-uuid`, uuid);
  } catch (error) {
    // A repository that can't be written is still read; the uuid is found again next time.
    if (!(error instanceof AnnexError)) throw error;
  }
}

function localRemote(
  settings: RemoteSettings,
  uuid: Uuid,
  path: ByteString,
  here: Repository,
  options: ListRemotesOptions,
): Remote {
  const { openRepository } = options;
  return createLocalGitRemote({
    identity: identityOf(settings, uuid),
    path,
    here,
    verify: settings.verify,
    openRepository,
  });
}

/** What is known of a remote without reaching it. */
export function identityOf({ name, cost, readonly }: RemoteSettings, uuid: Uuid): RemoteIdentity {
  return { name, uuid, cost, readonly };
}
