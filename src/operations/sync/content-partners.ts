import { isDeepStrictEqual } from 'node:util';
import { isClusterUuid, type Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import type { RemoteEntry } from '../../remotes/list/remote-entry.js';
import type { Remote } from '../../remotes/remote.js';
import type { Session } from '../transfer/session.js';
import { type SyncRemote, withDirections } from './choose-remotes.js';
import type { Partner } from './content-pass.js';
import type { SyncPlan, SyncRequest } from './sync-request.js';

export interface PartnersOptions {
  readonly plan: Pick<SyncPlan, 'pull' | 'push'>;
  readonly request: Pick<SyncRequest, 'remotes' | 'fast'>;
  /** As chosen by the user or by default; what is behind gateways among them is added where none is named. */
  readonly remotes: readonly SyncRemote[];
}

/** The remotes of each repository, the cheapest first: those after it are taken when it fails. */
export type Ways = ReadonlyMap<Uuid, readonly Remote[]>;

export interface Partners {
  readonly partners: readonly Partner[];
  readonly ways: Ways;
}

/** The repositories whose content is kept in step, in the order of their cheapest remotes. */
export function findPartners(
  session: Session,
  { plan, request, remotes: chosen }: PartnersOptions,
): Partners {
  const partners: Partner[] = [];
  const ways = new Map<Uuid, Remote[]>();
  const entries = new Map(session.entries.map((entry) => [entry.settings.name, entry]));
  const usable = (name: ByteString): Remote | undefined => {
    const entry = entries.get(name);
    const remote = entry?.settings.ignore === false ? entry.remote : undefined;
    if (remote === undefined || remote.uuid === session.here.uuid) return undefined;
    return session.policy.trust(remote.uuid) === 'dead' ? undefined : remote;
  };
  const all = request.remotes.length > 0 ? chosen : withThoseBehind(session, chosen, request.fast);
  for (const wanted of all) {
    const remote = usable(wanted.name);
    if (remote === undefined) continue;
    const { uuid, readonly } = remote;
    const partner = {
      uuid,
      get: plan.pull && wanted.pull,
      send: plan.push && wanted.push && !readonly,
      drop: !readonly,
    };
    const first = partners.find((one) => one.uuid === uuid);
    if (first === undefined) partners.push(partner);
    else if (!isDeepStrictEqual(first, partner)) continue;
    ways.set(uuid, [...(ways.get(uuid) ?? []), remote]);
  }
  const visited = new Set(ways.keys());
  return {
    ways,
    partners: partners.map((partner) => {
      if (!isClusterUuid(partner.uuid) || !partner.send) return partner;
      const nodes = session.entries.flatMap(({ settings }) => {
        if (settings.nodeOf?.includes(partner.uuid) !== true) return [];
        const remote = usable(settings.name);
        if (remote === undefined || remote.readonly || visited.has(remote.uuid)) return [];
        ways.set(remote.uuid, [...(ways.get(remote.uuid) ?? []), remote]);
        return [remote.uuid];
      });
      return nodes.length === 0 ? partner : { ...partner, nodes: [...new Set(nodes)] };
    }),
  };
}

/**
 * Adds what is behind those remotes that are gateways, in git-annex's order: the cheapest first, at equal cost what is behind
 * gateways last. A node is left out where a cluster that it belongs to is visited.
 */
function withThoseBehind(
  { entries, here }: Session,
  chosen: readonly SyncRemote[],
  onlyCheapest: boolean,
): SyncRemote[] {
  const gateways = new Set(chosen.map(({ name }) => name));
  const behind = entries.filter(
    ({ settings: { gateway, sync, ignore } }) =>
      gateway !== undefined && gateways.has(gateway) && sync && !ignore,
  );
  const clusters = new Set(behind.flatMap(({ settings: { uuid } }) => uuid ?? []).filter(isClusterUuid));
  const visited = behind.filter(
    ({ settings }) => settings.nodeOf?.some((uuid) => clusters.has(uuid)) !== true,
  );
  const added = visited.sort(byUuid).map(({ settings }) => withDirections(settings, false, here.settings));
  const all = [...chosen, ...added].sort((a, b) => a.cost - b.cost);
  const lowest = all[0]?.cost;
  return onlyCheapest ? all.filter(({ cost }) => cost === lowest) : all;
}

/** The last first, as git-annex takes remotes of the same cost. */
function byUuid({ settings: a }: RemoteEntry, { settings: b }: RemoteEntry): number {
  return (a.uuid ?? '') < (b.uuid ?? '') ? 1 : -1;
}
