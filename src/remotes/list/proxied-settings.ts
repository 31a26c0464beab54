import type { ProxiedRemote } from '../../domain/logs/proxy-log.js';
import { isClusterUuid, parseUuid, type Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import { parseAnnexUrl } from '../http/annex-url.js';
import type { RemoteSettings } from './remote-settings.js';

/** What the git-annex branch tells about gateways. */
export interface ProxyFacts {
  readonly here: Uuid;
  /** `proxy.log`: by a gateway's uuid, what it says it proxies for. */
  readonly proxies: ReadonlyMap<Uuid, readonly ProxiedRemote[]>;
  /** `cluster.log`: the nodes of each cluster. */
  readonly clusters: ReadonlyMap<Uuid, ReadonlySet<Uuid>>;
}

/** Remotes behind one gateway of git config; what is further down a longer list is left out. */
const MOST = 1000;
/** Bytes of a remote's name. */
const LONGEST_NAME = 200;
/** A node of a cluster costs so much more than the cluster, which is therefore used first (as in git-annex). */
const NODE_SURCHARGE = 0.1;

/**
 * The remotes behind gateways: named `GATEWAY-NAME`, with the gateway's settings, each repository once per gateway of git
 * config, by the shortest way; so cycles end. Anybody who may push the git-annex branch may have written the names.
 * @param configured remotes of git config; one that leads somewhere keeps its name, and mere settings of that name are used
 */
export function proxiedSettings(configured: readonly RemoteSettings[], facts: ProxyFacts): RemoteSettings[] {
  const byName = new Map(configured.map((remote) => [remote.name, remote]));
  const taken = new Set(configured.filter(leadsSomewhere).map(({ name }) => name));
  const found: RemoteSettings[] = [];
  for (const gateway of configured) {
    for (const { uuid, name } of behind(gateway, facts)) {
      if (taken.has(name)) continue;
      taken.add(name);
      const nodeOf = [...facts.clusters].flatMap(([cluster, nodes]) => (nodes.has(uuid) ? cluster : []));
      found.push(inherited(gateway, { uuid, name, nodeOf, own: byName.get(name) }));
    }
  }
  return found;
}

/** Whether something may be reached through a remote: gateways work over ssh and git-annex's protocol over http. */
export function mayBeGateway({ contents, uuid }: RemoteSettings): boolean {
  if (uuid === undefined || isClusterUuid(uuid)) return false;
  return contents.kind === 'ssh' || (contents.kind === 'http' && parseAnnexUrl(contents.url) !== undefined);
}

/** Whether git config has a remote there, and not only settings for one. */
export function leadsSomewhere({ address, contents, uuid }: RemoteSettings): boolean {
  return address.kind !== 'none' || contents.kind !== 'none' || uuid !== undefined;
}

/** Breadth first, so that each repository is found by its shortest way. */
function behind(gateway: RemoteSettings, { here, proxies }: ProxyFacts): ProxiedRemote[] {
  if (!mayBeGateway(gateway) || gateway.uuid === undefined) return [];
  const seen = new Set<Uuid>([here, gateway.uuid]);
  const found: ProxiedRemote[] = [];
  const waiting: ProxiedRemote[] = [{ uuid: gateway.uuid, name: gateway.name }];
  for (let at = 0; at < waiting.length; at++) {
    const { uuid: proxy, name: prefix } = waiting[at] as ProxiedRemote;
    for (const { uuid: given, name } of proxies.get(proxy) ?? []) {
      const uuid = parseUuid(given);
      const longer = `${prefix}-${name}` as ByteString;
      if (uuid === undefined || seen.has(uuid) || !isUsable(name) || longer.length > LONGEST_NAME) continue;
      if (found.length >= MOST) return found;
      seen.add(uuid);
      found.push({ uuid, name: longer });
      if (!isClusterUuid(uuid)) waiting.push({ uuid, name: longer });
    }
  }
  return found;
}

/** What can be the end of a remote's name, and nothing that means something to git, to a shell or in a path. */
function isUsable(name: ByteString): boolean {
  return /^[\w\x80-\xff][\w.+@\x80-\xff-]*$/.test(name) && !/\.\.|@\{|\.lock$|\.$/.test(name);
}

interface Proxied extends ProxiedRemote {
  /** The clusters that it is a node of. */
  readonly nodeOf: readonly Uuid[];
  /** Settings of git config for this name. */
  readonly own: RemoteSettings | undefined;
}

function inherited(gateway: RemoteSettings, { uuid, name, nodeOf, own }: Proxied): RemoteSettings {
  return {
    ...gateway,
    uuid,
    name,
    cost: nodeOf.length > 0 ? gateway.cost + NODE_SURCHARGE : gateway.cost,
    ignore: gateway.ignore || own?.ignore === true,
    sync: gateway.sync && own?.sync !== false,
    readonly: gateway.readonly || own?.readonly === true,
    verify: gateway.verify && own?.verify !== false,
    gateway: gateway.name,
    nodeOf,
  };
}
