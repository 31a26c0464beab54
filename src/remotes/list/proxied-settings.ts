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
 * config, by the shortest way; so cycles end. Those that fewer gateways lead to come first, so that among remotes of the same
 * cost they are taken. Anybody who may push the git-annex branch may have written the names.
 * @param configured remotes of git config; one that leads somewhere keeps its name, and mere settings of that name are used
 */
export function proxiedSettings(configured: readonly RemoteSettings[], facts: ProxyFacts): RemoteSettings[] {
  const byName = new Map(configured.map((remote) => [remote.name, remote]));
  const taken = new Set(configured.filter(leadsSomewhere).map(({ name }) => name));
  const names = namesOf(facts.proxies);
  const found: { readonly settings: RemoteSettings; readonly hops: number }[] = [];
  for (const gateway of configured) {
    for (const { uuid, name, hops } of behind(gateway, facts, names)) {
      if (taken.has(name)) continue;
      taken.add(name);
      const nodeOf = [...facts.clusters].flatMap(([cluster, nodes]) => (nodes.has(uuid) ? cluster : []));
      found.push({ settings: inherited(gateway, { uuid, name, nodeOf, own: byName.get(name) }), hops });
    }
  }
  return found.sort((a, b) => a.hops - b.hops).map(({ settings }) => settings);
}

/**
 * Whether something may be reached through a remote: gateways work over ssh and git-annex's protocol over http, and over P2P
 * networks where the peer is this program.
 */
export function mayBeGateway({ contents, uuid, leadsOn = false }: RemoteSettings): boolean {
  if (uuid === undefined || isClusterUuid(uuid)) return false;
  if (contents.kind === 'p2p') return leadsOn;
  return contents.kind === 'ssh' || (contents.kind === 'http' && parseAnnexUrl(contents.url) !== undefined);
}

/** Whether git config has a remote there, and not only settings for one. */
export function leadsSomewhere({ address, contents, uuid }: RemoteSettings): boolean {
  return address.kind !== 'none' || contents.kind !== 'none' || uuid !== undefined;
}

interface Found extends ProxiedRemote {
  /** Gateways on the way. */
  readonly hops: number;
}

/** Breadth first, so that each repository is found by its shortest way. */
function behind(gateway: RemoteSettings, { here, proxies }: ProxyFacts, names: NamesOf): Found[] {
  if (!mayBeGateway(gateway) || gateway.uuid === undefined) return [];
  const seen = new Set<Uuid>([here, gateway.uuid]);
  const found: Found[] = [];
  const waiting: Found[] = [{ uuid: gateway.uuid, name: gateway.name, hops: 0 }];
  for (let at = 0; at < waiting.length; at++) {
    const { uuid: proxy, name: prefix, hops } = waiting[at] as Found;
    for (const [uuid, name] of listedBy(proxy, proxies)) {
      const longer = `${prefix}-${name}` as ByteString;
      if (seen.has(uuid) || longer.length > LONGEST_NAME) continue;
      if (found.length >= MOST) return found;
      seen.add(uuid);
      const one = { uuid, name: longer, hops: hops + 1 + relays(name, names.get(uuid)) };
      found.push(one);
      if (!isClusterUuid(uuid)) waiting.push(one);
    }
  }
  return found;
}

/** By uuid, the names under which gateways list a repository. */
type NamesOf = ReadonlyMap<Uuid, ReadonlySet<ByteString>>;

function namesOf(proxies: ProxyFacts['proxies']): NamesOf {
  const names = new Map<Uuid, Set<ByteString>>();
  for (const remotes of proxies.values()) {
    for (const { uuid, name } of remotes) {
      const known = names.get(uuid);
      if (known === undefined) names.set(uuid, new Set([name]));
      else known.add(name);
    }
  }
  return names;
}

/** How many gateways a gateway goes through itself: `a-b-node` there is `b-node` at gateway `a`, and `node` at `b`. */
function relays(name: ByteString, names: ReadonlySet<ByteString> | undefined): number {
  let count = 0;
  for (let at = name.indexOf('-'); at >= 0; at = name.indexOf('-', at + 1)) {
    if (names?.has(name.slice(at + 1) as ByteString)) count++;
  }
  return count;
}

/** What a gateway lists, each repository under its shortest name: gateways that list one another list the same again and again. */
function listedBy(proxy: Uuid, proxies: ProxyFacts['proxies']): Map<Uuid, ByteString> {
  const listed = new Map<Uuid, ByteString>();
  for (const { uuid: given, name } of proxies.get(proxy) ?? []) {
    const uuid = parseUuid(given);
    if (uuid === undefined || !isUsable(name)) continue;
    const known = listed.get(uuid);
    if (known === undefined || name.length < known.length) listed.set(uuid, name);
  }
  return listed;
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
