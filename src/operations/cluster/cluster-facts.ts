import { parseClusters, clusterLogPath } from '../../domain/logs/cluster-log.js';
import { parseProxies, proxyLogPath } from '../../domain/logs/proxy-log.js';
import { isClusterUuid, parseUuid, type Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import { splitWords } from '../../lib/words.js';
import type { ClusterFacts, GatewayRemote } from '../../planning/clusters.js';
import type { RemoteEntry } from '../../remotes/list/remote-entry.js';
import type { Repository } from '../../repository/repository.js';

/** Reads what git config and the git-annex branch say about clusters and proxies. */
export async function clusterFacts(here: Repository, entries: readonly RemoteEntry[]): Promise<ClusterFacts> {
  const [clusters, nodes, proxies] = await Promise.all([
    configuredClusters(here),
    here.branch.read(clusterLogPath),
    here.branch.read(proxyLogPath),
  ]);
  return {
    here: here.uuid,
    clusters,
    remotes: entries.map((entry) => gatewayRemote(here, entry)).sort((a, b) => (a.name < b.name ? -1 : 1)),
    nodes: parseClusters(nodes),
    proxies: parseProxies(proxies),
  };
}

/** git's names of variables know no upper case, and so names of clusters do not either. */
export function lowerCase(name: ByteString): ByteString {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase()) as ByteString;
}

/** `annex.cluster.NAME`, which names the clusters of a gateway. */
async function configuredClusters({ git }: Repository): Promise<Map<ByteString, Uuid>> {
  const { stdout } = await git.run(['config', '-z', '--get-regexp', '^annex\\.cluster\\.'], {
    accept: [0, 1],
  });
  const clusters = new Map<ByteString, Uuid>();
  for (const line of stdout.split('\0')) {
    const [variable = '', value = ''] = line.split('\n');
    const uuid = parseUuid(value);
    const name = variable.slice('annex.cluster.'.length);
    if (uuid !== undefined && isClusterUuid(uuid)) clusters.set(name as ByteString, uuid);
  }
  return clusters;
}

function gatewayRemote({ settings }: Repository, entry: RemoteEntry): GatewayRemote {
  const { name, uuid, contents, leadsOn = false } = entry.settings;
  const list = (option: string) => splitWords(settings.get(`remote.${name}.${option}`) ?? ('' as ByteString));
  return {
    name,
    uuid,
    proxied: settings.bool(`remote.${name}.annex-proxy`, false),
    nodeOf: list('annex-cluster-node').map(lowerCase),
    gatewayOf: list('annex-cluster-gateway') as unknown as Uuid[],
    mayProxy: contents.kind === 'ssh' || contents.kind === 'http' || (contents.kind === 'p2p' && leadsOn),
  };
}
