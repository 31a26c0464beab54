import { existsSync } from 'node:fs';
import { locationState } from '../../domain/logs/location-log.js';
import { proxyLog, proxyLogPath } from '../../domain/logs/proxy-log.js';
import { remoteLog } from '../../domain/logs/remote-log.js';
import { isClusterUuid, type Uuid } from '../../domain/uuid.js';
import { toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import type { RemoteEntry } from '../../remotes/list/remote-entry.js';
import type { RemoteSettings } from '../../remotes/list/remote-settings.js';
import { relativePath } from '../keys-info/relative-path.js';
import { escapeControls } from '../repositories/escape-controls.js';
import { BITTORRENT, WEB } from '../repositories/known-repositories.js';
import { addToNodes, nodesStat, noTotals } from './cluster-info.js';
import type { InfoScene } from './info-scene.js';
import { lastSynced } from './last-synced.js';
import { addKey, noKeys, totalSize } from './key-totals.js';
import { everyLocation } from './location-totals.js';
import { type Stat, stat } from './stat.js';

/** A remote of git config, or one of those that every repository has. */
export type InfoRemote =
  | { readonly kind: 'configured'; readonly uuid: Uuid; readonly settings: RemoteSettings }
  | { readonly kind: 'built-in'; readonly uuid: Uuid; readonly name: 'web' | 'bittorrent' };

/** The remote that a word names, by its name or its uuid; the first of several in git config. */
export function remoteNamed({ entries, repository }: InfoScene, word: ByteString): InfoRemote | undefined {
  const order = repository.settings.subsections('remote');
  const place = ({ settings }: RemoteEntry) =>
    settings.gateway === undefined ? order.indexOf(settings.name) : order.length;
  const found = [...entries]
    .sort((a, b) => place(a) - place(b))
    .find(({ settings }) => settings.name === word || settings.uuid === word);
  if (found?.settings.uuid !== undefined) {
    return { kind: 'configured', uuid: found.settings.uuid, settings: found.settings };
  }
  if (word === 'web' || word === WEB) return { kind: 'built-in', uuid: WEB, name: 'web' };
  if (word === 'bittorrent' || word === BITTORRENT) {
    return { kind: 'built-in', uuid: BITTORRENT, name: 'bittorrent' };
  }
  return undefined;
}

export function nameOf(remote: InfoRemote): ByteString {
  return remote.kind === 'built-in' ? (remote.name as ByteString) : remote.settings.name;
}

/** What `info REMOTE` tells. */
export async function* remoteInfo(scene: InfoScene, remote: InfoRemote): AsyncGenerator<Stat> {
  yield* identity(scene, remote.uuid);
  yield stat('remote', nameOf(remote));
  if (remote.kind === 'built-in') {
    yield stat('cost', '200.0');
    yield stat('type', remote.name);
    yield stat('available', 'true');
  } else {
    yield stat('cost', costText(remote.settings.cost));
    yield* configuredInfo(scene, remote.settings, remote.uuid);
  }
  yield* contentsOf(scene, remote.uuid);
}

/** What `info UUID` tells of a repository that is no remote. */
export async function* uuidInfo(scene: InfoScene, uuid: Uuid): AsyncGenerator<Stat> {
  yield* identity(scene, uuid);
  yield* contentsOf(scene, uuid);
}

function* identity({ known }: InfoScene, uuid: Uuid): Generator<Stat> {
  yield stat('uuid', uuid);
  yield {
    name: 'description',
    json: known.description(uuid),
    text: escapeControls(known.description(uuid)),
  };
  yield stat('trust', known.trustOf(uuid));
}

async function* configuredInfo(scene: InfoScene, settings: RemoteSettings, uuid: Uuid): AsyncGenerator<Stat> {
  const { branch } = scene.repository;
  const { address } = settings;
  if (address.kind === 'none') {
    const config = remoteLog.values(await branch.read(remoteLog.path)).get(uuid);
    const type = config?.get('type' as ByteString);
    if (type !== undefined) yield stat('type', type);
    return;
  }
  yield stat('type', address.kind === 'p2p' ? 'p2p' : 'git');
  yield stat('available', address.kind !== 'local' || existsSync(toPath(address.path)) ? 'true' : 'false');
  yield stat('repository location', locationText(scene, settings));
  yield stat('last synced', lastSynced(scene.repository.location, settings.name));
  yield stat('proxied', settings.gateway === undefined ? 'false' : 'true');
  if (isClusterUuid(uuid)) yield stat('cluster', 'true');
  const proxied = proxyLog.parse(await branch.read(proxyLogPath)).get(uuid)?.value ?? [];
  const names = (wanted: (uuid: Uuid) => boolean): string =>
    proxied
      .filter((one) => wanted(one.uuid))
      .map(({ name }) => `${settings.name}-${name}`)
      .join(' ');
  const clusters = names(isClusterUuid);
  const nodes = names((node) => !isClusterUuid(node));
  if (clusters !== '') yield stat('gateway to cluster', clusters);
  if (nodes !== '') yield stat('proxying', nodes);
}

/** A url that says where it is, without a password; a relative path as seen from the current directory. */
function locationText({ repository, cwd }: InfoScene, { name, address }: RemoteSettings): string {
  const { settings, location } = repository;
  if (address.kind === 'local') {
    const url = settings.get(`remote.${name}.url`) ?? '';
    const top = location.workTree ?? location.gitDir;
    return url.startsWith('/') || url.includes('://') ? address.path : `${relativePath(cwd, top)}/${url}`;
  }
  if (address.kind === 'none') return '';
  const scp = address.kind === 'ssh' ? /^([^/:]+):(.*)$/s.exec(address.url) : null;
  if (scp !== null && !address.url.includes('://')) {
    const path = scp[2] as string;
    return `ssh://${scp[1]}${path.startsWith('/') ? '' : '/~/'}${path}`;
  }
  return address.url.replace(/^([a-z0-9+.-]+:\/\/[^/@:]*):[^/@]*@/i, '$1@');
}

/** A cost as git-annex writes numbers with a fraction: `100.0`. */
function costText(cost: number): string {
  return Number.isInteger(cost) ? `${cost}.0` : String(cost);
}

async function* contentsOf(scene: InfoScene, uuid: Uuid): AsyncGenerator<Stat> {
  const { known, words, fast } = scene;
  const nodes = isClusterUuid(uuid) ? noTotals(scene, uuid) : undefined;
  if (fast) {
    if (nodes !== undefined) yield nodesStat(scene, uuid, undefined);
    return;
  }
  const totals = noKeys();
  const dead = known.trustOf(uuid) === 'dead';
  for await (const { key, uuids, log } of everyLocation(scene)) {
    const has = dead
      ? locationState(log, uuid) === '1'
      : uuids.includes(uuid) || known.clustersOf(uuids).includes(uuid);
    if (has) addKey(totals, key);
    if (nodes !== undefined) addToNodes(nodes, key, uuids);
  }
  yield stat('remote annex keys', totals.keys);
  yield stat('remote annex size', totalSize(totals, words));
  if (nodes !== undefined) yield nodesStat(scene, uuid, nodes);
}
