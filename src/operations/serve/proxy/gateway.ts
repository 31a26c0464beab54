import { parseStallRule } from '../../../domain/rate.js';
import { AnnexError } from '../../../domain/errors.js';
import type { Key } from '../../../domain/key.js';
import { clusterLogPath, parseClusters } from '../../../domain/logs/cluster-log.js';
import { parseP2pUrl } from '../../../domain/p2p-address.js';
import { parseProxies, proxyLogPath } from '../../../domain/logs/proxy-log.js';
import { isClusterUuid, type Uuid } from '../../../domain/uuid.js';
import { type ByteString, toText } from '../../../lib/bytes.js';
import type { ServedContent } from '../../../protocol/served-content.js';
import { reachedBefore } from '../../../planning/relayed-nodes.js';
import { peerChannels } from '../../../remotes/peer/peer-channels.js';
import { listSettings } from '../../../remotes/list/list-settings.js';
import type { RemoteSettings } from '../../../remotes/list/remote-settings.js';
import type { Settings } from '../../../repository/settings/settings.js';
import type { Repository } from '../../../repository/repository.js';
import { parseJobs } from '../../../repository/settings/parse-jobs.js';
import { createTeller } from '../../tell-gateways/create-teller.js';
import { serveRepository } from '../serve-repository.js';
import { channelNode } from './channel-node.js';
import { attendedContent } from './cluster/attended-content.js';
import { clusterContent, RELAYED } from './cluster/cluster-content.js';
import { type ClusterPart, clusterParts, nodesInside } from './cluster/cluster-parts.js';
import type { ClusterBook, Member, NodeLoad } from './cluster/member.js';
import { openClusterBook } from './cluster/open-book.js';
import { openInside, storeFromInside } from './from-inside.js';
import { httpNode } from './http-node.js';
import type { KeptNode, NodeClient } from './kept-node.js';
import { localNode } from './local-node.js';
import { recordingContent } from './recording-content.js';
import { routedContent, type Way } from './routed-content.js';
import { routesTo } from './routes.js';
import { sshNode } from './ssh-node.js';

/** Seconds that a node may take to answer (`annex-ts.remote-timeout`). */
const PATIENCE = 30;

export interface GatewayOptions {
  /** Told what the administrator of the gateway, and the client's user, should know. */
  readonly warn: (text: string) => void;
  /** Nodes of a cluster that are asked for something at once, for each client. Default: `annex.jobs`, else all. */
  readonly jobs?: number | undefined;
  /** For one that stays open for long: what is recorded is not left until it is closed. */
  readonly lasting?: Lasting;
}

export interface Lasting {
  /** Told that the gateway's log of a content was changed. */
  readonly onRecord: () => void;
  /** Hears what goes wrong where nobody waits for it. */
  readonly onError: (error: unknown) => void;
}

/** The repositories and clusters behind a repository. Connections to them are kept until it is closed. */
export interface Gateway {
  /** Whether proxy.log names a repository or cluster in the gateway's own line. */
  has(uuid: Uuid): Promise<boolean>;
  /**
   * What a client gets of a repository or cluster that proxy.log names in the gateway's own line; what comes and goes there is
   * recorded in the gateway as well. Undefined when the gateway does not proxy for it.
   * @throws AnnexError when it does, but the repository can't be reached
   */
  serve(uuid: Uuid, client: NodeClient): Promise<ServedContent | undefined>;
  close(): Promise<void>;
}

interface Kept {
  readonly node: KeptNode;
  readonly load: NodeLoad;
}

export function createGateway(repository: Repository, options: GatewayOptions): Gateway {
  const { warn, lasting } = options;
  const { settings: config } = repository;
  const patience = Math.max(1, config.int('annex-ts.remote-timeout', PATIENCE)) * 1000;
  const jobs = options.jobs ?? parseJobs(config.get('annex.jobs') ?? '');
  const teller = createTeller(repository);
  const onRecord = (): void => {
    lasting?.onRecord();
    teller.changed();
  };
  const kept = new Map<string, Kept>();
  let book: ClusterBook | undefined;
  let turns = Math.floor(Math.random() * 1000);
  const told = new Set<string>();
  const tellOnce = (text: string) => {
    if (!told.has(text)) warn(text);
    told.add(text);
  };

  function keep(settings: RemoteSettings, uuid: Uuid, bypass: readonly Uuid[]): Kept {
    const name = `${settings.name} ${uuid}`;
    const known = kept.get(name);
    if (known !== undefined) return known;
    const made = {
      node: openKept(repository, settings, { uuid, bypass, patience, warn: tellOnce, lasting }),
      load: { active: 0, bytesPerSecond: undefined, laggedAt: Number.NEGATIVE_INFINITY },
    };
    kept.set(name, made);
    return made;
  }

  async function serveOne(uuid: Uuid, client: NodeClient): Promise<ServedContent> {
    const remotes = await listSettings(repository);
    const routes = routesTo(uuid, repository.settings, remotes);
    if (routes.length === 0)
      throw new AnnexError('remote-unavailable', 'the gateway has no remote any more for this repository');
    const ways: Way[] = [];
    let unready: unknown;
    for (const { settings, gateway } of routes) {
      try {
        const { node } = keep(settings, uuid, [repository.uuid]);
        await node.ready().catch(naming(settings));
        ways.push({ gateway, content: guarded(node.serve(client), settings) });
      } catch (error) {
        unready ??= error;
      }
    }
    if (ways.length === 0) throw unready;
    const content = recordingContent(routedContent(uuid, ways, client.client), repository, uuid, onRecord);
    const common = shared(client);
    const near = async (key: Key) =>
      nodesInside(await common.book.locations(key), repository.settings, remotes)
        .filter((part) => part.uuid !== uuid)
        .flatMap((part) => member(part, [repository.uuid], client) ?? [])
        .map((one) => ({ ...one, content: attendedContent(one.content, patience) }));
    const inside = { ...common, near };
    return {
      ...content,
      receive: (key, file) =>
        storeFromInside(
          () => content.receive(key, file),
          (offset) => openInside(inside, { key, offset, file }),
        ),
    };
  }

  /** What clusters and single repositories have in common. */
  function shared(client: NodeClient) {
    book ??= openClusterBook(repository, { warn: tellOnce, onRecord });
    return {
      book,
      gateway: serveRepository({ repository, ...client, onChange: () => undefined }),
      failed: ({ name }: Member, error: unknown) =>
        tellOnce(`${name}: ${error instanceof Error ? error.message : String(error)}`),
      turn: () => turns++,
      patience,
      jobs: jobs ?? Number.POSITIVE_INFINITY,
    };
  }

  function member(part: ClusterPart, bypass: readonly Uuid[], client: NodeClient): Member | undefined {
    const { settings, uuid, gateway, nodes, hops } = part;
    try {
      const { node, load } = keep(settings, uuid, bypass);
      const { readonly } = settings;
      const name = toText(settings.name);
      return {
        uuid,
        name,
        gateway,
        nodes,
        hops,
        readonly,
        waitedFor: isWaitedFor(config, settings.name),
        load,
        content: guarded(node.serve(client), settings),
      };
    } catch (error) {
      if (error instanceof AnnexError) tellOnce(error.message);
      else throw error;
      return undefined;
    }
  }

  async function serveCluster(uuid: Uuid, client: NodeClient): Promise<ServedContent> {
    const nodes = parseClusters(await repository.branch.read(clusterLogPath)).get(uuid) ?? new Set<Uuid>();
    const proxies = parseProxies(await repository.branch.read(proxyLogPath));
    const parts = clusterParts(repository.settings, uuid, nodes, await listSettings(repository));
    const bypass = [repository.uuid, ...parts.flatMap(({ gateway }) => gateway ?? [])];
    const members = parts.flatMap((part) => member(part, bypass, client) ?? []);
    if (members.length === 0)
      throw new AnnexError('remote-unavailable', 'the gateway has no remote for any node of this cluster');
    return clusterContent({
      ...shared(client),
      uuid,
      members,
      reachedBefore: (passedBy) => reachedBefore(repository.uuid, passedBy, proxies),
    });
  }

  const proxies = async () => parseProxies(await repository.branch.read(proxyLogPath));
  const names = (known: Awaited<ReturnType<typeof proxies>>, uuid: Uuid): boolean =>
    known.get(repository.uuid)?.some((one) => one.uuid === uuid) === true;

  return {
    has: async (uuid) => names(await proxies(), uuid),
    async serve(uuid, client) {
      const known = await proxies();
      if (!names(known, uuid)) return undefined;
      const content = await (isClusterUuid(uuid) ? serveCluster(uuid, client) : serveOne(uuid, client));
      const bypass = client.bypass?.filter((one) => known.has(one)) ?? [];
      if (bypass.length > 0) content.bypass?.(bypass);
      return content;
    },
    async close() {
      await Promise.all([...kept.values()].map(({ node }) => node.close()));
      kept.clear();
      teller.close();
    },
  };
}

interface OpenKeptOptions {
  readonly uuid: Uuid;
  readonly bypass: readonly Uuid[];
  readonly patience: number;
  readonly warn: (text: string) => void;
  readonly lasting: Lasting | undefined;
}

/** Says of which repository a failure is. */
function naming({ name }: RemoteSettings): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof AnnexError)) throw error;
    throw new AnnexError(error.code, `${toText(name)}: ${error.message}`, { cause: error });
  };
}

/** Throws `remote-unavailable` for what no gateway can reach yet. */
function openKept(
  repository: Repository,
  { name, contents, address, cost, readonly, gateway }: RemoteSettings,
  { uuid, bypass, patience, warn, lasting }: OpenKeptOptions,
): KeptNode {
  const identity = { name, uuid, cost, readonly };
  const isRelayed = gateway !== undefined || isClusterUuid(uuid);
  const channels = { identity, bypass, warn, patience: isRelayed ? patience * RELAYED : patience };
  if (contents.kind === 'local') return localNode(contents.path, uuid, lasting?.onError);
  if (contents.kind === 'ssh')
    return sshNode(repository, {
      ...channels,
      url: contents.url,
      settingsOf: gateway ?? name,
    });
  const peer = contents.kind === 'p2p' ? parseP2pUrl(contents.url) : undefined;
  if (peer !== undefined) {
    const openChannel = peerChannels(repository, peer, isRelayed ? uuid : undefined);
    return channelNode({ ...channels, openChannel });
  }
  if (contents.kind === 'http') {
    const gitUrl = address.kind === 'http' ? address.url : undefined;
    return httpNode(repository, { identity, url: contents.url, gitUrl, bypass });
  }
  const kind = contents.kind === 'none' ? 'special remotes' : `${contents.kind} remotes`;
  throw new AnnexError(
    'remote-unavailable',
    `${toText(name)}: git-annex-ts cannot be a gateway to ${kind} yet`,
  );
}

/** Whether no transfer to a remote is ever to be given up because it is slow. */
function isWaitedFor(settings: Settings, name: ByteString): boolean {
  const value = [`remote.${name}.annex-`, 'annex.']
    .flatMap((section) => [`${section}stalldetection-upload`, `${section}stalldetection`])
    .map((option) => settings.get(option))
    .find((found) => found !== undefined);
  return value !== undefined && parseStallRule(value) === 'off';
}

/** The gateway's setting `annex-readonly` holds for its clients too. */
function guarded(content: ServedContent, { readonly }: RemoteSettings): ServedContent {
  if (!readonly) return content;
  const refuse = async (): Promise<never> => {
    throw new AnnexError('read-only', 'this repository is read-only; write access denied');
  };
  return { ...content, remove: refuse, receive: refuse };
}
