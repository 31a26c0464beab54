import { AnnexError } from '../../domain/errors.js';
import { type Key, keySize } from '../../domain/key.js';
import { presentLocations } from '../../domain/logs/location-log.js';
import type { Uuid } from '../../domain/uuid.js';
import { toText } from '../../lib/bytes.js';
import { planContent } from '../../planning/sync-content.js';
import { recordLocations } from '../../remotes/record-locations.js';
import type { Remote } from '../../remotes/remote.js';
import { actionOf, type Item } from '../select/item.js';
import { type Fetch, fetchBatch } from '../transfer/fetch.js';
import { tellUnreached } from '../transfer/other-places.js';
import { createRunningAction } from '../transfer/running-action.js';
import { type Send, sendBatch } from '../transfer/send.js';
import { namesOf, type Session } from '../transfer/session.js';
import type { LoggedItem } from '../transfer/with-logs.js';
import type { Wishes } from './content-wishes.js';

/** A remote that content is exchanged with. */
export interface Partner {
  readonly remote: Remote;
  readonly get: boolean;
  readonly send: boolean;
}

/** Contents moved so far. */
export interface ContentTotals {
  got: number;
  sent: number;
}

/** What the batches of one pass share. */
export interface TransferPass {
  readonly partners: readonly Partner[];
  readonly wishes: Wishes;
  /** Keys that were moved; a key that several files have is moved once. */
  readonly moved: Set<Key>;
}

/**
 * Gets and sends what a batch needs.
 * @param broken remotes that went away meanwhile; they are left out from then on
 * @returns how many actions failed
 */
export async function transferBatch(
  session: Session,
  pass: TransferPass,
  batch: readonly LoggedItem[],
  broken: Set<Uuid>,
  totals: ContentTotals,
): Promise<number> {
  const { partners, wishes, moved } = pass;
  const usable = partners.filter(({ remote }) => !broken.has(remote.uuid));
  const sources = usable.filter(({ get }) => get).map(({ remote }) => remote.uuid);
  const destinations = usable.filter(({ send }) => send).map(({ remote }) => remote.uuid);
  const wants = await wishes.wants(batch);
  const unlogged: Key[] = [];
  const planned = batch.flatMap((item, i) => {
    if (moved.has(item.key)) return [];
    const present = new Set(presentLocations(item.log));
    const here = session.here.objects.locate(item.key) !== undefined;
    if (here && !present.has(session.here.uuid)) unlogged.push(item.key);
    const plan = planContent({
      here,
      present,
      sources,
      destinations,
      wantedHere: wants(session.here.uuid, i),
      wantedBy: (uuid) => wants(uuid, i),
    });
    if (plan.from.length + plan.to.length === 0 || !session.limits.admits(item.key)) return [];
    moved.add(item.key);
    return [{ item, ...plan }];
  });
  // What came here just before an earlier run was cut off.
  await recordLocations(session.here, unlogged, session.here.uuid, 'present');
  if (planned.length === 0) return 0;
  const byUuid = new Map(partners.map(({ remote }) => [remote.uuid, remote]));
  const missing = await getAll(session, planned, byUuid, totals);
  const here = planned.filter(({ item }) => !missing.has(item));
  let failed = missing.size;
  for (const uuid of destinations) {
    const remote = byUuid.get(uuid);
    const items = here.filter(({ to }) => to.includes(uuid)).map(({ item }) => item);
    if (remote !== undefined && items.length > 0)
      failed += await sendAll(session, remote, items, broken, totals);
  }
  return failed;
}

/** Gets what is missing; gives the items that could not be got. */
async function getAll(
  session: Session,
  planned: readonly { item: LoggedItem; from: readonly Uuid[] }[],
  remotes: ReadonlyMap<Uuid, Remote>,
  totals: ContentTotals,
): Promise<Set<LoggedItem>> {
  const failed = new Set<LoggedItem>();
  const fetches = planned
    .filter(({ from }) => from.length > 0)
    .map(({ item, from }): Fetch & { item: LoggedItem } => ({
      item,
      running: createRunningAction(actionOf('get', item), session.context.emit),
      sources: from.flatMap((uuid) => remotes.get(uuid) ?? []),
      explicit: false,
    }));
  if (fetches.length === 0) return failed;
  const { signal } = session.context;
  const fetched = await fetchBatch(fetches, { signal, ignoreReserve: session.force });
  const got = fetched.flatMap(({ fetch, from }) => (from === undefined ? [] : [fetch.item.key]));
  await recordLocations(session.here, got, session.here.uuid, 'present');
  for (const { fetch, from, failed: tried } of fetched) {
    const size = keySize(fetch.item.key);
    if (from === undefined) {
      tellUnreached(fetch.running, namesOf(tried.map(({ remote }) => remote)));
      failed.add(fetch.item as LoggedItem);
    } else {
      fetch.running.progress(size ?? 0, size);
      totals.got++;
    }
    fetch.running.end(from !== undefined, { fields: from === undefined ? {} : remoteFields(from) });
  }
  return failed;
}

/** Sends items to a remote; gives how many failed. A remote that is gone is not tried again. */
async function sendAll(
  session: Session,
  remote: Remote,
  items: readonly Item[],
  broken: Set<Uuid>,
  totals: ContentTotals,
): Promise<number> {
  const sends = items.map(
    (item): Send => ({
      item,
      running: createRunningAction(actionOf('copy', item), session.context.emit),
    }),
  );
  const results = await sendBatch(session, remote, sends);
  let failed = 0;
  for (const send of sends) {
    const result = results.get(send);
    const error = result instanceof AnnexError ? result : undefined;
    if (error !== undefined) {
      failed++;
      send.running.failure(error);
      if (error.code === 'remote-unavailable') broken.add(remote.uuid);
    } else totals.sent++;
    send.running.end(error === undefined, {
      fields: { ...remoteFields(remote), ...(error === undefined ? {} : { reason: error.code }) },
    });
  }
  if (broken.has(remote.uuid)) {
    const text = `${toText(remote.name)} cannot be reached any more; what is left is not sent there.`;
    session.context.emit({ type: 'warning', text });
  }
  return failed;
}

function remoteFields({ name, uuid }: Remote) {
  return { remote: name, 'remote-uuid': uuid };
}
