import { AnnexError } from '../../domain/errors.js';
import type { Uuid } from '../../domain/uuid.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import { createLocalGitRemote } from '../local-git/local-git-remote.js';
import type { Remote } from '../remote.js';
import { createUnreachableRemote } from '../unreachable-remote.js';
import { probeLocal } from './probe-local.js';
import { decidedRemoteSettings, type RemoteSettings } from './remote-settings.js';

/** One configured remote. `remote` is undefined when it has no uuid, so that git-annex does not know it yet. */
export interface RemoteEntry {
  readonly settings: RemoteSettings;
  readonly remote: Remote | undefined;
}

export interface ListRemotesOptions {
  /** Opens the repository at a path, initialising it first where git-annex would. */
  readonly openRepository: (path: ByteString) => Promise<Repository>;
  /** Told a sentence when a remote turns out to be other than what was recorded. */
  readonly warn: (text: string) => void;
}

/** Every remote of git config, cheapest first. Remotes on local paths are looked at, all at once, and their uuid recorded. */
export async function listRemotes(here: Repository, options: ListRemotesOptions): Promise<RemoteEntry[]> {
  const base = here.location.workTree ?? here.location.gitDir;
  const configured = await decidedRemoteSettings(here.settings, base);
  const all = await Promise.all(configured.map((settings) => openEntry(settings, here, options)));
  return all.sort((a, b) => a.settings.cost - b.settings.cost);
}

async function openEntry(
  settings: RemoteSettings,
  here: Repository,
  options: ListRemotesOptions,
): Promise<RemoteEntry> {
  const looked = !settings.ignore && (settings.checkUuid || settings.uuid === undefined);
  if (settings.address.kind === 'local' && looked)
    return localEntry(settings, settings.address.path, here, options);
  if (settings.uuid === undefined) return { settings, remote: undefined };
  if (settings.address.kind === 'local') {
    return { settings, remote: localRemote(settings, settings.uuid, settings.address.path, here, options) };
  }
  const kind = settings.address.kind === 'none' ? 'special remotes' : `${settings.address.kind} remotes`;
  const reason = new AnnexError('remote-unavailable', 'cannot access remote', {
    hint: `${toText(settings.name)}: git-annex-ts does not support ${kind} yet.`,
  });
  return { settings, remote: createUnreachableRemote(identityOf(settings, settings.uuid), reason) };
}

async function localEntry(
  settings: RemoteSettings,
  path: ByteString,
  here: Repository,
  options: ListRemotesOptions,
): Promise<RemoteEntry> {
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

async function rememberUuid(
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

function identityOf({ name, cost, readonly }: RemoteSettings, uuid: Uuid) {
  return { name, uuid, cost, readonly };
}
