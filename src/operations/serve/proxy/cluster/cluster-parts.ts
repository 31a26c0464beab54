import { isClusterUuid, type Uuid } from '../../../../domain/uuid.js';
import type { RemoteSettings } from '../../../../remotes/list/remote-settings.js';
import type { Settings } from '../../../../repository/settings/settings.js';
import { lowerCase } from '../../../cluster/cluster-facts.js';
import { gatewayOf, listed, routesTo } from '../routes.js';

/** A remote of the gateway that leads to a node of a cluster, or to another gateway of it. */
export interface ClusterPart {
  readonly settings: RemoteSettings;
  /** What is asked for there: the node, or the cluster. */
  readonly uuid: Uuid;
  /** The other gateway. */
  readonly gateway: Uuid | undefined;
  /** The nodes that are reached by way of it. */
  readonly nodes: ReadonlySet<Uuid>;
  readonly hops: number;
}

/**
 * The parts of a cluster as its gateway reaches them, each node by one way: its own, else by the cheapest other gateway. Who
 * may push the git-annex branch may have written cluster.log: only remotes count that git config calls nodes
 * (`annex-cluster-node`) or gateways (`annex-cluster-gateway`) of this cluster.
 * @param nodes what cluster.log names
 * @param remotes all remotes, those behind gateways in the order of the gateways on the way
 */
export function clusterParts(
  settings: Settings,
  cluster: Uuid,
  nodes: ReadonlySet<Uuid>,
  remotes: readonly RemoteSettings[],
): ClusterPart[] {
  const isNode = ({ name }: RemoteSettings) =>
    listed(settings, name, 'annex-cluster-node').some(
      (one) => settings.get(`annex.cluster.${lowerCase(one)}`) === cluster,
    );
  const byCost = [...remotes].sort((a, b) => a.cost - b.cost);
  const reached = new Set<Uuid>();
  const take = ({ uuid }: RemoteSettings): Uuid | undefined => {
    if (uuid === undefined || isClusterUuid(uuid) || !nodes.has(uuid) || reached.has(uuid)) return undefined;
    reached.add(uuid);
    return uuid;
  };

  const direct = byCost.flatMap((remote): ClusterPart[] => {
    const uuid = remote.gateway === undefined && isNode(remote) ? take(remote) : undefined;
    return uuid === undefined ? [] : [directPart(remote, uuid)];
  });
  const relayed = new Map<Uuid, { readonly settings: RemoteSettings; readonly nodes: Set<Uuid> }>();
  for (const remote of byCost) {
    const through = gatewayOf(remote, settings, remotes);
    const node = through?.clusters.includes(cluster) ? take(remote) : undefined;
    if (through === undefined || node === undefined) continue;
    const { nodes: those } = relayed.get(through.uuid) ?? { nodes: new Set() };
    relayed.set(through.uuid, { settings: through.settings, nodes: those.add(node) });
  }
  const gateways = [...relayed].map(
    ([gateway, part]): ClusterPart => ({ ...part, uuid: cluster, gateway, hops: 2 }),
  );
  return [...direct, ...gateways];
}

/** Those of some repositories that git config offers and no other gateway leads to, each by its best way. */
export function nodesInside(
  uuids: ReadonlySet<Uuid>,
  settings: Settings,
  remotes: readonly RemoteSettings[],
): ClusterPart[] {
  const known = new Set(remotes.flatMap(({ uuid }) => (uuid !== undefined && uuids.has(uuid) ? uuid : [])));
  return [...known].flatMap((uuid) => {
    const [best] = routesTo(uuid, settings, remotes);
    return best === undefined || best.gateway !== undefined ? [] : [directPart(best.settings, uuid)];
  });
}

/** A repository that no other gateway leads to. */
function directPart(settings: RemoteSettings, uuid: Uuid): ClusterPart {
  const hops = settings.contents.kind === 'local' ? 0 : 1;
  return { settings, uuid, gateway: undefined, nodes: new Set([uuid]), hops };
}
