import { compareBytes } from '../domain/logs/lines.js';
import type { ProxiedRemote } from '../domain/logs/proxy-log.js';
import { isClusterUuid, type Uuid } from '../domain/uuid.js';
import type { ByteString } from '../lib/bytes.js';

/** A remote of a gateway, as git config describes it. */
export interface GatewayRemote {
  readonly name: ByteString;
  /** Undefined: not known, so nothing can be recorded about it. */
  readonly uuid: Uuid | undefined;
  /** `annex-proxy` */
  readonly proxied: boolean;
  /** `annex-cluster-node`: names of the clusters that it is a node of, whether there are such clusters or not. */
  readonly nodeOf: readonly ByteString[];
  /** `annex-cluster-gateway`: clusters for which it is a gateway as well. */
  readonly gatewayOf: readonly Uuid[];
  /** Whether proxies work over the way it is reached by: ssh, or git-annex's protocol over http. */
  readonly mayProxy: boolean;
}

export interface ClusterFacts {
  readonly here: Uuid;
  /** The clusters that this repository is a gateway of, by name. */
  readonly clusters: ReadonlyMap<ByteString, Uuid>;
  readonly remotes: readonly GatewayRemote[];
  /** `cluster.log` */
  readonly nodes: ReadonlyMap<Uuid, ReadonlySet<Uuid>>;
  /** `proxy.log`: what each gateway proxies for. */
  readonly proxies: ReadonlyMap<Uuid, readonly ProxiedRemote[]>;
}

/** What becomes of a cluster's nodes. */
export interface NodeChange {
  readonly cluster: ByteString;
  readonly uuid: Uuid;
  readonly nodes: ReadonlySet<Uuid>;
  readonly added: readonly { readonly uuid: Uuid; readonly name: ByteString }[];
  readonly removed: readonly Uuid[];
}

export interface ProxyChange {
  readonly remotes: readonly ProxiedRemote[];
  /** In the order in which they are told. */
  readonly changes: readonly { readonly name: ByteString; readonly what: 'started' | 'stopped' }[];
}

/** The nodes that each cluster of this gateway has now, clusters sorted by name. Nodes that other gateways serve stay. */
export function planNodes(facts: ClusterFacts): NodeChange[] {
  const clusters = [...facts.clusters].sort(([a], [b]) => compareBytes(a, b));
  return clusters.map(([cluster, uuid]) => {
    const before = facts.nodes.get(uuid) ?? new Set<Uuid>();
    const own = new Map(nodesHere(facts, cluster));
    const elsewhere = nodesElsewhere(facts, uuid);
    const added = [...own].flatMap(([node, name]) => (before.has(node) ? [] : { uuid: node, name }));
    const removed = [...before].filter((node) => !own.has(node) && !elsewhere.has(node)).sort(compareBytes);
    const nodes = new Set([...before, ...own.keys()].filter((node) => !removed.includes(node)));
    return { cluster, uuid, nodes, added: added.sort((a, b) => compareBytes(a.uuid, b.uuid)), removed };
  });
}

/** What this gateway proxies for now: its remotes that are meant for it, its clusters, and nodes of theirs behind gateways. */
export function planProxies(facts: ClusterFacts): ProxyChange {
  const before = facts.proxies.get(facts.here) ?? [];
  const direct = facts.remotes.flatMap(({ uuid, name, proxied, nodeOf }) =>
    uuid !== undefined && uuid !== facts.here && (proxied || nodeOf.length > 0) ? { uuid, name } : [],
  );
  const clusters = [...facts.clusters].map(([name, uuid]) => ({ uuid, name }));
  const known = new Set(direct.map(({ uuid }) => uuid));
  const behind = facts.remotes.flatMap((gateway) => nodesBehind(facts, gateway));
  const remotes = [...direct, ...clusters, ...behind.filter(({ uuid }) => !known.has(uuid))].sort(byUuid);
  const key = ({ uuid, name }: ProxiedRemote) => `${uuid}:${name}`;
  const [old, now] = [new Set(before.map(key)), new Set(remotes.map(key))];
  const changes = [
    ...remotes
      .filter((remote) => !old.has(key(remote)))
      .map((remote) => ({ remote, what: 'started' as const })),
    ...before
      .filter((remote) => !now.has(key(remote)))
      .map((remote) => ({ remote, what: 'stopped' as const })),
  ].sort((a, b) => byUuid(a.remote, b.remote));
  return { remotes, changes: changes.map(({ remote: { name }, what }) => ({ name, what })) };
}

/** Facts as they are once a cluster is called otherwise. */
export function withClusterRenamed(facts: ClusterFacts, old: ByteString, name: ByteString): ClusterFacts {
  const renamed = (one: ByteString) => (one === old ? name : one);
  return {
    ...facts,
    clusters: new Map([...facts.clusters].map(([one, uuid]) => [renamed(one), uuid])),
    remotes: facts.remotes.map((remote) => ({ ...remote, nodeOf: remote.nodeOf.map(renamed) })),
  };
}

/** Facts as they are once no remote is a node of that cluster any more. */
export function withoutNodesOf(facts: ClusterFacts, cluster: ByteString): ClusterFacts {
  const uuid = facts.clusters.get(cluster);
  const remotes = facts.remotes.map((remote) => ({
    ...remote,
    nodeOf: remote.nodeOf.filter((one) => one !== cluster),
    gatewayOf: remote.gatewayOf.filter((one) => one !== uuid),
  }));
  return { ...facts, remotes };
}

/** Facts as they are once this is no gateway of that cluster any more. */
export function withoutCluster(facts: ClusterFacts, cluster: ByteString): ClusterFacts {
  const clusters = new Map([...facts.clusters].filter(([name]) => name !== cluster));
  return { ...withoutNodesOf(facts, cluster), clusters };
}

function nodesHere({ remotes, here }: ClusterFacts, cluster: ByteString): [Uuid, ByteString][] {
  return remotes.flatMap(({ uuid, name, nodeOf }): [Uuid, ByteString][] =>
    uuid !== undefined && uuid !== here && nodeOf.includes(cluster) ? [[uuid, name]] : [],
  );
}

/** Repositories that other gateways of the cluster proxy for. */
function nodesElsewhere({ proxies, here }: ClusterFacts, cluster: Uuid): Set<Uuid> {
  const others = [...proxies].filter(
    ([gateway, remotes]) => gateway !== here && remotes.some(({ uuid }) => uuid === cluster),
  );
  return new Set(others.flatMap(([, remotes]) => remotes.map(({ uuid }) => uuid)));
}

/** The nodes of this gateway's clusters that are reached through another gateway of theirs. */
function nodesBehind(facts: ClusterFacts, gateway: GatewayRemote): ProxiedRemote[] {
  if (gateway.uuid === undefined || !gateway.mayProxy) return [];
  const ours = [...facts.clusters.values()].filter((uuid) => gateway.gatewayOf.includes(uuid));
  const wanted = new Set(ours.flatMap((uuid) => [...(facts.nodes.get(uuid) ?? [])]));
  return (facts.proxies.get(gateway.uuid) ?? [])
    .filter(({ uuid }) => wanted.has(uuid) && uuid !== facts.here && !isClusterUuid(uuid))
    .map(({ uuid, name }) => ({ uuid, name: `${gateway.name}-${name}` as ByteString }));
}

function byUuid(a: ProxiedRemote, b: ProxiedRemote): number {
  return compareBytes(a.uuid, b.uuid) || compareBytes(a.name, b.name);
}
