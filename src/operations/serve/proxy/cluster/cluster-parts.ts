import type { Uuid } from '../../../../domain/uuid.js';
import type { ByteString } from '../../../../lib/bytes.js';
import { splitWords } from '../../../../lib/words.js';
import type { RemoteSettings } from '../../../../remotes/list/remote-settings.js';
import type { Settings } from '../../../../repository/settings/settings.js';
import { lowerCase } from '../../../cluster/cluster-facts.js';

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
 * @param remotes all remotes, those behind gateways among them
 */
export function clusterParts(
  settings: Settings,
  cluster: Uuid,
  nodes: ReadonlySet<Uuid>,
  remotes: readonly RemoteSettings[],
): ClusterPart[] {
  const listed = (name: ByteString, option: string) =>
    splitWords(settings.get(`remote.${name}.${option}`) ?? ('' as ByteString));
  const isNode = ({ name }: RemoteSettings) =>
    listed(name, 'annex-cluster-node').some(
      (one) => settings.get(`annex.cluster.${lowerCase(one)}`) === cluster,
    );
  const isGateway = ({ name }: RemoteSettings) => listed(name, 'annex-cluster-gateway').includes(cluster);

  const configured = [...remotes.filter(({ gateway }) => gateway === undefined)].sort(
    (a, b) => a.cost - b.cost,
  );
  const reached = new Set<Uuid>();
  const parts: ClusterPart[] = [];
  for (const remote of configured.filter(isNode)) {
    const { uuid } = remote;
    if (uuid === undefined || !nodes.has(uuid) || reached.has(uuid)) continue;
    reached.add(uuid);
    const hops = remote.contents.kind === 'local' ? 0 : 1;
    parts.push({ settings: remote, uuid, gateway: undefined, nodes: new Set([uuid]), hops });
  }
  for (const remote of configured.filter(isGateway)) {
    const behind = remotes.flatMap(({ gateway, uuid }) =>
      gateway === remote.name && uuid !== undefined && nodes.has(uuid) && !reached.has(uuid) ? uuid : [],
    );
    if (remote.uuid === undefined || behind.length === 0) continue;
    for (const uuid of behind) reached.add(uuid);
    parts.push({ settings: remote, uuid: cluster, gateway: remote.uuid, nodes: new Set(behind), hops: 2 });
  }
  return parts;
}
