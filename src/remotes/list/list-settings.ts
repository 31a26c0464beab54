import { clusterLogPath, parseClusters } from '../../domain/logs/cluster-log.js';
import { parseProxies, proxyLogPath } from '../../domain/logs/proxy-log.js';
import type { Repository } from '../../repository/repository.js';
import { mayBeGateway, proxiedSettings } from './proxied-settings.js';
import { decidedRemoteSettings, type RemoteSettings, remoteSettings } from './remote-settings.js';

/** The settings of all remotes, as they stand in git config and the git-annex branch; nothing is looked at. */
export async function listSettings(
  here: Pick<Repository, 'branch' | 'uuid' | 'settings' | 'location'>,
): Promise<RemoteSettings[]> {
  const configured = remoteSettings(here.settings, here.location.workTree ?? here.location.gitDir);
  return [...configured, ...(await behindGateways(configured, here))];
}

/** The same, with what the user's commands say about them at this moment. */
export async function listDecidedSettings(
  here: Pick<Repository, 'branch' | 'uuid' | 'settings' | 'location'>,
): Promise<RemoteSettings[]> {
  const base = here.location.workTree ?? here.location.gitDir;
  const configured = await decidedRemoteSettings(here.settings, base);
  return [...configured, ...(await behindGateways(configured, here))];
}

/** What gateways proxy for; the git-annex branch is only asked where there may be gateways. */
export async function behindGateways(
  configured: readonly RemoteSettings[],
  { branch, uuid }: Pick<Repository, 'branch' | 'uuid'>,
): Promise<RemoteSettings[]> {
  if (!configured.some(mayBeGateway)) return [];
  const proxies = parseProxies(await branch.read(proxyLogPath));
  if (proxies.size === 0) return [];
  const clusters = parseClusters(await branch.read(clusterLogPath));
  return proxiedSettings(configured, { here: uuid, proxies, clusters });
}
