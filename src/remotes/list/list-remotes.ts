import { AnnexError } from '../../domain/errors.js';
import { toText } from '../../lib/bytes.js';
import { createMutex, type Mutex } from '../../lib/mutex.js';
import type { Repository } from '../../repository/repository.js';
import { createUnreachableRemote } from '../unreachable-remote.js';
import { withCommands } from '../wrappers/with-commands.js';
import { httpEntry } from './http-entry.js';
import { behindGateways } from './list-settings.js';
import { identityOf, localEntry } from './local-entry.js';
import { peerEntry } from './peer-entry.js';
import type { ListRemotesOptions, RemoteEntry } from './remote-entry.js';
import { decidedRemoteSettings, type RemoteSettings } from './remote-settings.js';
import { sshEntry } from './ssh-entry.js';

/**
 * Every remote of git config, and those behind gateways among them, cheapest first. Remotes on local paths are looked at, all
 * at once, and their uuid recorded.
 */
export async function listRemotes(here: Repository, options: ListRemotesOptions): Promise<RemoteEntry[]> {
  const base = here.location.workTree ?? here.location.gitDir;
  const configured = await decidedRemoteSettings(here.settings, base);
  const turns = createMutex();
  const all = await Promise.all(configured.map((settings) => openEntry(settings, here, options, turns)));
  const behind = await behindGateways(
    all.map(({ settings }) => settings),
    here,
  );
  const proxied = await Promise.all(behind.map((settings) => openEntry(settings, here, options, turns)));
  return [...all, ...proxied]
    .map(({ settings, remote }) => ({ settings, remote: remote && withCommands(remote, here) }))
    .sort((a, b) => a.settings.cost - b.settings.cost);
}

async function openEntry(
  settings: RemoteSettings,
  here: Repository,
  options: ListRemotesOptions,
  turns: Mutex,
): Promise<RemoteEntry> {
  const { contents } = settings;
  if (contents.kind === 'local') return localEntry(settings, contents.path, here, options);
  if (options.near) return { settings, remote: undefined };
  if (contents.kind === 'ssh') return sshEntry(settings, contents.url, here, { ...options, turns });
  if (contents.kind === 'http') return httpEntry(settings, contents.url, here, { ...options, turns });
  if (contents.kind === 'p2p') return peerEntry(settings, contents.url, here, options);
  if (settings.uuid === undefined) return { settings, remote: undefined };
  const kind = contents.kind === 'none' ? 'special remotes' : `${contents.kind} remotes`;
  const reason = new AnnexError('remote-unavailable', 'cannot access remote', {
    hint: `${toText(settings.name)}: git-annex-ts does not support ${kind} yet.`,
  });
  return { settings, remote: createUnreachableRemote(identityOf(settings, settings.uuid), reason) };
}
