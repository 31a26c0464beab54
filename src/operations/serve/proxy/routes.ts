import { isClusterUuid, type Uuid } from '../../../domain/uuid.js';
import { ascii, type ByteString } from '../../../lib/bytes.js';
import { splitWords } from '../../../lib/words.js';
import type { RemoteSettings } from '../../../remotes/list/remote-settings.js';
import type { Settings } from '../../../repository/settings/settings.js';

/** A way from a gateway to a repository. */
export interface Route {
  readonly settings: RemoteSettings;
  /** The other gateway that it leads through. */
  readonly gateway: Uuid | undefined;
}

/**
 * The ways to a repository that clients may be led, the best first: a path of this machine, another server, another gateway;
 * among those the cheapest, then the one with the fewest gateways. Who may push the git-annex branch may have written proxy.log:
 * only remotes count that git config offers to clients (`annex-proxy`, `annex-cluster-node`), and nodes of clusters for which
 * git config names another gateway (`annex-cluster-gateway`).
 * @param remotes all remotes, those behind gateways in the order of the gateways on the way
 */
export function routesTo(uuid: Uuid, settings: Settings, remotes: readonly RemoteSettings[]): Route[] {
  const isOffered = ({ name }: RemoteSettings) =>
    settings.bool(`remote.${name}.annex-proxy`, false) ||
    listed(settings, name, 'annex-cluster-node').length > 0;
  return remotes
    .flatMap((remote): Route[] => {
      if (remote.uuid !== uuid) return [];
      if (remote.gateway === undefined)
        return isOffered(remote) ? [{ settings: remote, gateway: undefined }] : [];
      const through = gatewayOf(remote, settings, remotes);
      return through === undefined ? [] : [{ settings: remote, gateway: through.uuid }];
    })
    .sort((a, b) => kindOf(a) - kindOf(b) || a.settings.cost - b.settings.cost);
}

/** Another gateway, and the clusters that it is one of. */
export interface OtherGateway {
  readonly settings: RemoteSettings;
  readonly uuid: Uuid;
  readonly clusters: readonly Uuid[];
}

/** The gateway that a remote is behind, when git config names it as one of a cluster that the remote is a node of. */
export function gatewayOf(
  { gateway: name, nodeOf = [] }: RemoteSettings,
  settings: Settings,
  remotes: readonly RemoteSettings[],
): OtherGateway | undefined {
  const gateway = remotes.find((one) => one.name === name);
  if (name === undefined || gateway?.uuid === undefined) return undefined;
  const served = listed(settings, name, 'annex-cluster-gateway');
  const clusters = nodeOf.filter((cluster) => isClusterUuid(cluster) && served.includes(cluster));
  return clusters.length === 0 ? undefined : { settings: gateway, uuid: gateway.uuid, clusters };
}

/** The words of a setting of a remote. */
export function listed(settings: Settings, name: ByteString, option: string): ByteString[] {
  return splitWords(settings.get(`remote.${name}.${option}`) ?? ascii(''));
}

function kindOf({ settings, gateway }: Route): number {
  if (gateway !== undefined) return 2;
  return settings.contents.kind === 'local' ? 0 : 1;
}
