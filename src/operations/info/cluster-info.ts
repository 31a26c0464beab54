import { existsSync } from 'node:fs';
import type { JsonValue } from '../../domain/events.js';
import { AnnexError } from '../../domain/errors.js';
import type { Key } from '../../domain/key.js';
import { maxsizeLog, maxsizePath } from '../../domain/logs/maxsize-log.js';
import { isClusterUuid, parseUuid, type Uuid } from '../../domain/uuid.js';
import { toPath } from '../../lib/buffers.js';
import { type ByteString, fromText } from '../../lib/bytes.js';
import { streamOf } from '../../lib/in-batches.js';
import { quoteName } from '../../lib/quote-name.js';
import type { RemoteEntry } from '../../remotes/list/remote-entry.js';
import { readKernelLocks } from '../../repository/locks/kernel-locks.js';
import { type FoundTransfer, readTransfers } from '../../repository/transfers/read-transfers.js';
import { escapeControls } from '../repositories/escape-controls.js';
import type { InfoScene } from './info-scene.js';
import { addKey, type KeyTotals, noKeys, totalSize } from './key-totals.js';
import type { Stat } from './stat.js';

/** What the nodes of a cluster hold, by their location logs. */
export type NodeTotals = ReadonlyMap<Uuid, KeyTotals>;

/** The cluster that this gateway calls so. */
export function clusterNamed({ repository }: InfoScene, word: ByteString): Uuid | undefined {
  const uuid = parseUuid(repository.settings.get(`annex.cluster.${word.toLowerCase()}`) ?? '');
  return uuid !== undefined && isClusterUuid(uuid) ? uuid : undefined;
}

export function noTotals({ known }: InfoScene, cluster: Uuid): Map<Uuid, KeyTotals> {
  return new Map([...known.nodesOf(cluster)].map((uuid) => [uuid, noKeys()]));
}

export function addToNodes(totals: NodeTotals, key: Key, uuids: readonly Uuid[]): void {
  for (const uuid of uuids) {
    const node = totals.get(uuid);
    if (node !== undefined) addKey(node, key);
  }
}

/**
 * What git-annex does not tell of a cluster: each node, how full it is, what it is busy with as far as that can be seen from
 * here, and whether it answers. Nodes are asked all at once.
 * @param totals undefined: not counted, and nobody is asked (`--fast`)
 */
export async function nodesStat(
  scene: InfoScene,
  cluster: Uuid,
  totals: NodeTotals | undefined,
): Promise<Stat> {
  const { repository, known } = scene;
  const limits = maxsizeLog.parse(await repository.branch.read(maxsizePath));
  const uuids = [...known.nodesOf(cluster)].sort();
  const nodes = await Promise.all(
    uuids.map(async (uuid) => {
      const entry = scene.entries.find(({ settings, remote }) => settings.uuid === uuid && remote);
      const limit = limits.get(uuid as unknown as ByteString)?.value ?? 0;
      return {
        uuid,
        entry,
        held: totals?.get(uuid),
        limit: limit > 0 ? limit : undefined,
        unreached: totals === undefined ? undefined : await whyUnreached(scene, entry),
        transfers: transfersOf(scene, uuid, entry),
      };
    }),
  );
  const lines = nodes.map((node) => textOf(scene, node));
  return {
    name: 'cluster nodes',
    json: nodes.map((node) => jsonOf(scene, node)),
    text: [String(nodes.length), ...lines].join('\n\t'),
  };
}

interface Node {
  readonly uuid: Uuid;
  readonly entry: RemoteEntry | undefined;
  readonly held: KeyTotals | undefined;
  readonly limit: number | undefined;
  /** Why it does not answer; empty: it does; undefined: not asked. */
  readonly unreached: string | undefined;
  readonly transfers: readonly FoundTransfer[];
}

/** A key that any repository can be asked about: the empty content's. */
const PROBE = 'SHA256-s0--e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' as Key;
/** Milliseconds for an answer. */
const PATIENCE = 15_000;

async function whyUnreached(
  { context }: InfoScene,
  entry: RemoteEntry | undefined,
): Promise<string | undefined> {
  const remote = entry?.remote;
  if (remote === undefined) return undefined;
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(PATIENCE)]);
  try {
    for await (const { presence } of remote.presence(streamOf([PROBE]), { signal }))
      return presence instanceof AnnexError ? reasonOf(presence) : '';
    return 'no answer';
  } catch (error) {
    context.signal.throwIfAborted();
    if (signal.aborted) return `no answer within ${PATIENCE / 1000} s`;
    if (error instanceof AnnexError) return reasonOf(error);
    throw error;
  } finally {
    await remote.close();
  }
}

function reasonOf({ message, hint }: AnnexError): string {
  const text = hint === undefined ? message : `${message}: ${hint}`;
  return escapeControls(fromText(text.replace(/\n/g, ' ')));
}

/** Transfers with a node that this repository does, and those that the node itself does, where it is on this machine. */
function transfersOf(
  { repository }: InfoScene,
  uuid: Uuid,
  entry: RemoteEntry | undefined,
): readonly FoundTransfer[] {
  const locks = readKernelLocks();
  const own = [...readTransfers(repository.annexDir, locks)].filter((transfer) => transfer.uuid === uuid);
  const contents = entry?.settings.contents;
  const path = contents?.kind === 'local' ? contents.path : undefined;
  const folders = path === undefined ? [] : [`${path}/.git/annex`, `${path}/annex`];
  const annexDir = folders.find((folder) => existsSync(toPath(folder as ByteString)));
  const theirs = annexDir === undefined ? [] : [...readTransfers(annexDir as ByteString, locks)];
  return [...own, ...theirs.map(seenFromHere)].filter(({ live }) => live);
}

/** What a node downloads is uploaded to it. */
function seenFromHere(transfer: FoundTransfer): FoundTransfer {
  return { ...transfer, direction: transfer.direction === 'download' ? 'upload' : 'download' };
}

function textOf({ known, words, repository }: InfoScene, node: Node): string {
  const { uuid, held, limit, transfers } = node;
  const quotePath = () => repository.settings.bool('core.quotepath', true);
  const facts = [
    ...(held === undefined ? [] : [`${totalSize(held, words)}${ofLimit(held, limit, words.long)}`]),
    ...(node.entry === undefined ? ['no remote here'] : []),
    ...(node.unreached === undefined ? [] : [reachText(node.unreached)]),
    transfers.length === 0 ? 'idle' : `busy with ${transfers.length}`,
  ];
  const busy = transfers.map(
    ({ direction, info, key }) =>
      `\n\t\t${direction === 'upload' ? 'receiving' : 'sending'} ${quoteName(info?.file ?? key, quotePath)}`,
  );
  return `${escapeControls(known.line(uuid))}: ${facts.join(', ')}${busy.join('')}`;
}

function reachText(unreached: string): string {
  return unreached === '' ? 'reachable' : `not reachable: ${unreached}`;
}

function ofLimit({ bytes }: KeyTotals, limit: number | undefined, word: (bytes: number) => string): string {
  return limit === undefined ? '' : ` of ${word(limit)} (${percent(bytes, limit)}%)`;
}

function percent(bytes: number, limit: number): number {
  return Math.floor((bytes / limit) * 1000) / 10;
}

function jsonOf({ known }: InfoScene, node: Node): JsonValue {
  const { uuid, entry, held, limit, unreached, transfers } = node;
  return {
    ...known.entry(uuid),
    ...(entry === undefined ? {} : { remote: entry.settings.name }),
    ...(held === undefined ? {} : { keys: held.keys, size: held.bytes }),
    ...(limit === undefined ? {} : { maxsize: limit }),
    ...(limit === undefined || held === undefined ? {} : { 'percent-full': percent(held.bytes, limit) }),
    ...(unreached === undefined ? {} : { reachable: unreached === '' }),
    ...(unreached ? { error: unreached } : {}),
    transfers: transfers.map(({ direction, key, info }) => ({
      transfer: direction,
      key,
      ...(info?.file === undefined ? {} : { file: info.file }),
      ...(info?.bytes === undefined ? {} : { bytes: info.bytes }),
    })),
  };
}
