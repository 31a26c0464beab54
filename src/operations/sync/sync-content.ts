import { resolve } from 'node:path';
import { AnnexError } from '../../domain/errors.js';
import { type Key, keySize } from '../../domain/key.js';
import { presentLocations } from '../../domain/logs/location-log.js';
import type { Uuid } from '../../domain/uuid.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import { inBatches } from '../../lib/in-batches.js';
import { planContent } from '../../planning/sync-content.js';
import { recordLocations } from '../../remotes/record-locations.js';
import type { Remote } from '../../remotes/remote.js';
import { actionOf, type Item } from '../select/item.js';
import { select } from '../select/select.js';
import { batchLimits } from '../transfer/batch-limits.js';
import { type Fetch, fetchBatch } from '../transfer/fetch.js';
import { tellUnreached } from '../transfer/other-places.js';
import { createRunningAction } from '../transfer/running-action.js';
import { type Send, sendBatch } from '../transfer/send.js';
import {
  closeSession,
  namesOf,
  openSession,
  type Session,
  type SessionOptions,
} from '../transfer/session.js';
import { type LoggedItem, withLogs } from '../transfer/with-logs.js';
import type { SyncRemote } from './choose-remotes.js';
import { type ContentChanges, type ContentState, contentChanges, contentState } from './content-changes.js';
import type { SyncRun } from './sync-run.js';
import { recordSettled } from './content-settled.js';
import { openWishes, type Wishes } from './content-wishes.js';

/** Contents moved so far. */
export interface ContentTotals {
  got: number;
  sent: number;
}

export interface PassOutcome {
  readonly failed: number;
  readonly transferred: boolean;
}

/** The content part of a sync. */
export interface ContentSync {
  /** Brings the content of this repository and of some remotes in step. */
  pass(remotes: readonly SyncRemote[]): Promise<PassOutcome>;
  /** Records that nothing is left to do with the remotes whose passes went well. */
  finish(): Promise<void>;
  readonly totals: ContentTotals;
}

/** A remote that a pass works with. */
interface Partner {
  readonly remote: Remote;
  readonly get: boolean;
  readonly send: boolean;
}

/** A pass that went well, to be recorded once the sync has ended. */
interface Settled {
  readonly partners: readonly Partner[];
  readonly state: ContentState;
  readonly choices: string;
}

export function createContentSync(run: SyncRun, options: SessionOptions): ContentSync {
  const totals: ContentTotals = { got: 0, sent: 0 };
  const settled: Settled[] = [];
  return {
    totals,
    async pass(remotes) {
      const session = await openSession(run.repository, run.context, options);
      try {
        const pass = await preparePass(run, session, remotes);
        if (pass === undefined) return { failed: 0, transferred: false };
        const failed = pass.changes === 'nothing' ? 0 : await transferAll(run, session, pass, totals);
        if (failed === 0 && pass.state !== undefined && pass.recordable) {
          settled.push({ partners: pass.partners, state: pass.state, choices: pass.choices });
        }
        return { failed, transferred: pass.moved.size > 0 };
      } finally {
        await closeSession(session);
      }
    },
    async finish() {
      for (const { partners, state, choices } of settled) {
        const directions = partners.map(({ remote, get, send }) => ({ uuid: remote.uuid, get, send }));
        await recordSettled(run.repository, directions, state, choices);
      }
    },
  };
}

interface Pass {
  readonly partners: readonly Partner[];
  readonly wishes: Wishes;
  readonly state: ContentState | undefined;
  readonly changes: ContentChanges | 'nothing';
  readonly choices: string;
  /** Whether the pass looks at all content, so that its end may be recorded. */
  readonly recordable: boolean;
  /** Keys that were moved; a key that several files have is moved once. */
  readonly moved: Set<Key>;
}

async function preparePass(
  run: SyncRun,
  session: Session,
  remotes: readonly SyncRemote[],
): Promise<Pass | undefined> {
  const partners = partnersOf(run, session, remotes);
  if (partners.length === 0) return undefined;
  const { repository, request } = run;
  const repositories = [repository.uuid, ...partners.map(({ remote }) => remote.uuid)];
  const wishes = await openWishes(session, repositories);
  const recordable = request.contentOf.length === 0 && !wishes.restricted;
  const choices = JSON.stringify({
    all: request.all,
    directions: partners.map(({ remote, get, send }) => [remote.uuid, get, send]),
  });
  await repository.branch.commit();
  const state = recordable ? await contentState(repository) : undefined;
  const uuids = partners.map(({ remote }) => remote.uuid);
  const changes =
    state === undefined || request.full
      ? 'everything'
      : await contentChanges(repository, state, uuids, choices);
  const nothing = changes !== 'everything' && changes.keys.size === 0 && changes.paths.size === 0;
  const found = nothing ? 'nothing' : changes;
  return { partners, wishes, state, changes: found, choices, recordable, moved: new Set() };
}

/** The remotes whose content is kept in step, cheapest first; of several remotes for one repository the first. */
function partnersOf({ plan }: SyncRun, session: Session, remotes: readonly SyncRemote[]): Partner[] {
  const chosen = new Map(remotes.map((remote) => [remote.name, remote]));
  const partners = new Map<Uuid, Partner>();
  for (const { settings, remote } of session.entries) {
    const wanted = chosen.get(settings.name);
    if (remote === undefined || wanted === undefined || settings.ignore) continue;
    if (remote.uuid === session.here.uuid || partners.has(remote.uuid)) continue;
    if (session.policy.trust(remote.uuid) === 'dead') continue;
    const get = plan.pull && wanted.pull;
    const send = plan.push && wanted.push && !remote.readonly;
    if (get || send) partners.set(remote.uuid, { remote, get, send });
  }
  return [...partners.values()];
}

async function transferAll(
  run: SyncRun,
  session: Session,
  pass: Pass,
  totals: ContentTotals,
): Promise<number> {
  const { request, context, repository } = run;
  const top = repository.location.workTree;
  const selection = select(
    repository,
    {
      operands: request.contentOf.map((path) => absolute(path, request.cwd)),
      cwd: top ?? repository.location.gitDir,
      ...(request.all && request.contentOf.length === 0 ? { keys: { from: 'all' } as const } : {}),
    },
    context.emit,
  );
  const items = withLogs(repository.branch, changedItems(run, selection.items, pass.changes));
  const broken = new Set<Uuid>();
  let failed = 0;
  for await (const batch of inBatches(items, batchLimits(selection))) {
    context.signal.throwIfAborted();
    if (!session.limits.timeLeft()) break;
    failed += await transferBatch(session, pass, batch, broken, totals);
  }
  return failed + selection.unknown;
}

function absolute(path: ByteString, cwd: ByteString): ByteString {
  return path.startsWith('/') ? path : (resolve('/', `${cwd}/${path}`) as ByteString);
}

/** The items that have changed, or whose key's location has. Keys without files need no listing. */
async function* changedItems(
  { repository, request }: SyncRun,
  items: AsyncIterable<Item>,
  changes: Pass['changes'],
): AsyncGenerator<Item> {
  if (changes === 'nothing') return;
  if (changes === 'everything') return yield* items;
  if (request.all || repository.location.workTree === undefined) {
    for (const key of changes.keys)
      yield { key, path: undefined, shown: undefined, input: [], unlocked: false };
    return;
  }
  for await (const item of items) {
    if (changes.keys.has(item.key) || (item.path !== undefined && changes.paths.has(item.path))) yield item;
  }
}

async function transferBatch(
  session: Session,
  pass: Pass,
  batch: readonly LoggedItem[],
  broken: Set<Uuid>,
  totals: ContentTotals,
): Promise<number> {
  const { partners, wishes, moved } = pass;
  const usable = partners.filter(({ remote }) => !broken.has(remote.uuid));
  const sources = usable.filter(({ get }) => get).map(({ remote }) => remote.uuid);
  const destinations = usable.filter(({ send }) => send).map(({ remote }) => remote.uuid);
  const wants = await wishes.wants(batch);
  const planned = batch.flatMap((item, i) => {
    if (moved.has(item.key)) return [];
    const plan = planContent({
      here: session.here.objects.locate(item.key) !== undefined,
      present: new Set(presentLocations(item.log)),
      sources,
      destinations,
      wantedHere: wants(session.here.uuid, i),
      wantedBy: (uuid) => wants(uuid, i),
    });
    if (plan.from.length + plan.to.length === 0 || !session.limits.admits(item.key)) return [];
    moved.add(item.key);
    return [{ item, ...plan }];
  });
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
