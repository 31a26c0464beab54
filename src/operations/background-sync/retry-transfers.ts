import { AnnexError } from '../../domain/errors.js';
import type { Uuid } from '../../domain/uuid.js';
import { presentLocations } from '../../domain/logs/location-log.js';
import type { ByteString } from '../../lib/bytes.js';
import { inBatches } from '../../lib/in-batches.js';
import { recordLocations } from '../../remotes/record-locations.js';
import type { Remote } from '../../remotes/remote.js';
import type { Repository } from '../../repository/repository.js';
import {
  type FailedTransfer,
  forgetFailedTransfers,
  readFailedTransfers,
} from '../../repository/transfers/failed-transfers.js';
import type { OperationContext, Outcome } from '../context.js';
import { actionOf, type Item } from '../select/item.js';
import { type Fetch, fetchBatch } from '../transfer/fetch.js';
import { tellUnreached } from '../transfer/other-places.js';
import { createRunningAction } from '../transfer/running-action.js';
import { type Send, sendBatch } from '../transfer/send.js';
import { namesOf, openSession, remotesWith, type Session, type SessionOptions } from '../transfer/session.js';
import { withLogs } from '../transfer/with-logs.js';
import { backOffRules } from './back-off-rules.js';
import { openFailureStore } from './failure-store.js';

type LoggedFailure = Item & { readonly failure: FailedTransfer; readonly log: ByteString };

export interface RetryChoice {
  /** Only transfers with these repositories; undefined: all whose back-off is over. */
  readonly only: ReadonlySet<Uuid> | undefined;
  /** Remotes that are not asked, by name. */
  readonly resting: ReadonlySet<string>;
}

/**
 * Tries transfers again that failed. What was to come from one remote may come from another by now: the location log decides. What
 * has come to pass in the meantime, or has lost its meaning, is only forgotten.
 */
export async function retryTransfers(
  repository: Repository,
  context: OperationContext,
  options: SessionOptions,
  choice: RetryChoice,
): Promise<Outcome> {
  const { annexDir, settings } = repository;
  const store = openFailureStore(annexDir, 'transfers');
  const rules = backOffRules(settings);
  const due = new Map<Uuid, boolean>();
  const isDue = ({ uuid }: FailedTransfer): boolean => {
    const known = due.get(uuid) ?? choice.only?.has(uuid) ?? rules.left(store.get(uuid)?.backOff) === 0;
    due.set(uuid, known);
    return known;
  };
  const failures = [...readFailedTransfers(annexDir)].filter(isDue);
  if (failures.length === 0) return { failed: 0, stoppedByLimit: false };
  const session = await openSession(repository, context, { ...options, unattended: true });
  const tried = { failed: 0, broken: new Set<Uuid>() };
  try {
    for await (const batch of inBatches(logged(session, failures), { items: 2048, linger: 20 })) {
      context.signal.throwIfAborted();
      if (!session.limits.timeLeft()) break;
      await getAgain(session, batch, choice, tried);
      await sendAgain(session, batch, choice, tried);
    }
  } finally {
    for (const { remote } of session.entries) await remote?.close();
  }
  for (const [uuid, wasDue] of due) {
    if (!wasDue) continue;
    if (tried.broken.has(uuid)) {
      const backOff = rules.next(choice.only === undefined ? store.get(uuid)?.backOff : undefined);
      const pending = { pull: false, push: false, content: true };
      store.put({ subject: uuid, pending, backOff, reason: 'transfers of content failed' });
    } else store.forget(uuid);
  }
  return { failed: tried.failed, stoppedByLimit: session.limits.reached };
}

interface Tried {
  failed: number;
  /** Repositories with which a transfer failed again. */
  readonly broken: Set<Uuid>;
}

async function* logged(
  { here }: Session,
  failures: readonly FailedTransfer[],
): AsyncGenerator<LoggedFailure> {
  const items = async function* () {
    for (const failure of failures) {
      const { key, file } = failure;
      yield { key, path: file, shown: file, input: [], unlocked: false, failure };
    }
  };
  for await (const item of withLogs(here.branch, items())) yield item as LoggedFailure;
}

async function getAgain(
  session: Session,
  batch: readonly LoggedFailure[],
  choice: RetryChoice,
  tried: Tried,
): Promise<void> {
  const { here, context } = session;
  const usable = session.automatic.filter((remote) => !choice.resting.has(remote.name));
  const wanted = new Map<string, Fetch & { readonly uuids: Uuid[] }>();
  for (const item of batch) {
    const { direction, key, uuid } = item.failure;
    if (direction !== 'download') continue;
    if (here.objects.locate(key) !== undefined) forgetFailedTransfers(here.annexDir, direction, key, [uuid]);
    else if (wanted.has(key)) wanted.get(key)?.uuids.push(uuid);
    else if (session.limits.admits(key)) {
      const sources = remotesWith(usable, new Set(presentLocations(item.log)));
      const running = createRunningAction(actionOf('get', item), context.emit);
      wanted.set(key, { item, running, sources, explicit: false, uuids: [uuid] });
    }
  }
  if (wanted.size === 0) return;
  const { signal, jobs } = context;
  const fetches = [...wanted.values()];
  const done = await fetchBatch(fetches, { signal, jobs, ignoreReserve: session.force });
  const got = done.flatMap(({ fetch, from }) => (from === undefined ? [] : [fetch.item.key]));
  await recordLocations(here, got, here.uuid, 'present');
  for (const [at, { fetch, from, failed, interrupted }] of done.entries()) {
    const uuids = fetches[at]?.uuids ?? [];
    if (interrupted) continue;
    if (from !== undefined) forgetFailedTransfers(here.annexDir, 'download', fetch.item.key, uuids);
    else {
      tried.failed++;
      const paused = failed.length > 0 && failed.every(({ error }) => error.code === 'transfer-paused');
      if (!paused) for (const uuid of uuids) tried.broken.add(uuid);
      if (fetch.sources.length === 0) fetch.running.note('not available');
      else tellUnreached(fetch.running, namesOf(failed.map(({ remote }) => remote)));
    }
    fetch.running.end(from !== undefined, from === undefined ? {} : { fields: remoteFields(from) });
  }
  signal.throwIfAborted();
}

async function sendAgain(
  session: Session,
  batch: readonly LoggedFailure[],
  choice: RetryChoice,
  tried: Tried,
): Promise<void> {
  const { here, context } = session;
  const groups = new Map<Remote, Send[]>();
  for (const item of batch) {
    const { direction, key, uuid } = item.failure;
    if (direction !== 'upload') continue;
    const there = presentLocations(item.log).includes(uuid);
    if (there || here.objects.locate(key) === undefined) {
      forgetFailedTransfers(here.annexDir, direction, key, [uuid]);
      continue;
    }
    const remote = session.automatic.find((one) => one.uuid === uuid);
    if (remote === undefined || remote.readonly || choice.resting.has(remote.name)) continue;
    if (!session.limits.admits(key)) continue;
    const running = createRunningAction(actionOf('copy', item), context.emit);
    groups.set(remote, [...(groups.get(remote) ?? []), { item, running }]);
  }
  for (const [remote, sends] of groups) {
    const results = await sendBatch(session, remote, sends);
    for (const send of sends) {
      const result = results.get(send);
      const error = result instanceof AnnexError ? result : undefined;
      if (error?.code === 'interrupted') throw error;
      // Another process is at it right now.
      if (error?.code === 'transfer-in-progress') continue;
      if (error === undefined) forgetFailedTransfers(here.annexDir, 'upload', send.item.key, [remote.uuid]);
      else {
        tried.failed++;
        if (error.code !== 'transfer-paused') tried.broken.add(remote.uuid);
        send.running.failure(error);
      }
      send.running.end(error === undefined, { fields: remoteFields(remote) });
    }
  }
}

function remoteFields({ name, uuid }: Remote) {
  return { remote: name, 'remote-uuid': uuid };
}
