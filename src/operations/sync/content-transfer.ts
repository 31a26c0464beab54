import { AnnexError } from '../../domain/errors.js';
import { type Key, keySize } from '../../domain/key.js';
import type { Uuid } from '../../domain/uuid.js';
import { toText } from '../../lib/bytes.js';
import { recordLocations } from '../../remotes/record-locations.js';
import type { Remote } from '../../remotes/remote.js';
import { dropAll } from '../drop/drop.js';
import { createFilesOf } from '../select/files-of-key.js';
import { actionOf } from '../select/item.js';
import { type Fetch, fetchBatch } from '../transfer/fetch.js';
import { lockedBatchSize } from '../transfer/locked-batch.js';
import { tellUnreached } from '../transfer/other-places.js';
import { createRunningAction } from '../transfer/running-action.js';
import { type Send, sendBatch } from '../transfer/send.js';
import { namesOf, type Session } from '../transfer/session.js';
import type { LoggedItem } from '../transfer/with-logs.js';
import type { Ways } from './content-partners.js';
import type { Hands } from './content-pass.js';
import { presentLog, type Subject } from './content-subject.js';

/** Contents moved so far. */
export interface ContentTotals {
  got: number;
  sent: number;
  dropped: number;
}

/** What the hands of a pass leave behind. */
export interface Work {
  readonly totals: ContentTotals;
  /** Keys that something was done with: got, sent, dropped, or tried to. */
  readonly moved: Set<Key>;
  /** Keys that something is left to do with. */
  readonly unsettled: Set<Key>;
  /** Contents that wait for a remote with which transfers are paused or have stalled, while others get theirs; undefined: all wait. */
  readonly deferred: Map<Uuid, Set<Key>> | undefined;
  /** Remotes that went away; they are left out from then on. */
  readonly broken: Set<Uuid>;
  failed: number;
  /** Whether something was got or sent, or that was tried. */
  transferred: boolean;
}

/** Hands that really move and drop content, and tell of each. */
export function createHands(session: Session, ways: Ways, work: Work): Hands {
  const filesOf = createFilesOf(session.here);
  /** What the cheapest remote of a repository fails at is left to the next; one that went away is not tried again. */
  const gone = new Set<Remote>();
  async function* remotesOf(uuid: Uuid): AsyncGenerator<Remote> {
    for (const remote of ways.get(uuid) ?? []) {
      if (gone.has(remote)) continue;
      work.broken.delete(uuid);
      yield remote;
      if (work.broken.has(uuid)) gone.add(remote);
    }
  }
  return {
    get: (wanted) => getAll(session, ways, wanted, work),
    async send(to, subjects) {
      const arrived = new Set<Subject>();
      for await (const remote of remotesOf(to)) {
        const waiting = work.deferred?.get(to);
        const left = subjects.filter((one) => !arrived.has(one) && waiting?.has(one.item.key) !== true);
        if (left.length === 0) break;
        for (const subject of await sendAll(session, remote, left, work)) arrived.add(subject);
      }
      return arrived;
    },
    async drop(from, subjects) {
      if (from === session.here.uuid) return dropFrom(session, undefined, subjects, work, filesOf);
      const dropped = new Set<Subject>();
      for await (const remote of remotesOf(from)) {
        const left = subjects.filter((one) => !dropped.has(one));
        for (const subject of await dropFrom(session, remote, left, work, filesOf)) dropped.add(subject);
        if (!work.broken.has(from)) break;
      }
      return dropped;
    },
  };
}

/** Gets what is missing, each from the first that can give it. */
async function getAll(
  session: Session,
  ways: Ways,
  wanted: readonly { readonly subject: Subject; readonly from: readonly Uuid[] }[],
  work: Work,
): Promise<ReadonlySet<Subject>> {
  const { here, context, force } = session;
  work.transferred = true;
  const bySubject = new Map(wanted.map(({ subject }) => [subject.item, subject]));
  const fetches = wanted.map(
    ({ subject: { item }, from }): Fetch => ({
      item,
      running: createRunningAction(actionOf('get', item), context.emit),
      sources: from.flatMap((uuid) => ways.get(uuid) ?? []),
      explicit: false,
    }),
  );
  const { signal, jobs } = context;
  const leavePaused = work.deferred !== undefined;
  const fetched = await fetchBatch(fetches, { signal, jobs, ignoreReserve: force, leavePaused });
  const came = fetched.flatMap(({ fetch, from }) => (from === undefined ? [] : [fetch.item.key]));
  await recordLocations(here, came, here.uuid, 'present');
  const arrived = new Set<Subject>();
  for (const { fetch, from, failed: tried, paused } of fetched) {
    const { key } = fetch.item;
    const size = keySize(key);
    if (paused) {
      for (const remote of fetch.sources) defer(work, remote, key);
      continue;
    }
    work.moved.add(key);
    if (from === undefined) {
      tellUnreached(fetch.running, namesOf(tried.map(({ remote }) => remote)));
      work.failed++;
      work.unsettled.add(key);
    } else {
      fetch.running.progress(size ?? 0, size);
      work.totals.got++;
      session.policy.rules.moved(here.uuid, key, 'came');
      arrived.add(bySubject.get(fetch.item as LoggedItem) as Subject);
    }
    fetch.running.end(from !== undefined, { fields: from === undefined ? {} : remoteFields(from) });
  }
  return arrived;
}

/** Sends contents to a remote. One that is gone is not tried again. */
async function sendAll(
  session: Session,
  remote: Remote,
  subjects: readonly Subject[],
  work: Work,
): Promise<ReadonlySet<Subject>> {
  work.transferred = true;
  const { emit } = session.context;
  const sends = subjects.map((subject): Send & { subject: Subject } => ({
    item: subject.item,
    running: createRunningAction(actionOf('copy', subject.item), emit),
    subject,
    onAlso: (uuid) => {
      subject.present.add(uuid);
      subject.arrived.add(uuid);
      session.policy.rules.moved(uuid, subject.item.key, 'came');
    },
  }));
  const results = await sendBatch(session, remote, sends, () => work.deferred !== undefined);
  const arrived = new Set<Subject>();
  for (const send of sends) {
    const result = results.get(send);
    const error = result instanceof AnnexError ? result : undefined;
    if (error?.code === 'transfer-deferred') {
      defer(work, remote, send.item.key);
      continue;
    }
    work.moved.add(send.item.key);
    if (error !== undefined) {
      work.failed++;
      work.unsettled.add(send.item.key);
      send.running.failure(error);
      if (error.code === 'remote-unavailable') work.broken.add(remote.uuid);
    } else {
      work.totals.sent++;
      session.policy.rules.moved(remote.uuid, send.item.key, 'came');
      arrived.add(send.subject);
    }
    send.running.end(error === undefined, {
      fields: { ...remoteFields(remote), ...(error === undefined ? {} : { reason: error.code }) },
    });
  }
  if (work.broken.has(remote.uuid)) {
    const text = `${toText(remote.name)} cannot be reached any more; what is left is not sent there.`;
    emit({ type: 'warning', text });
  }
  return arrived;
}

function defer({ deferred, unsettled }: Work, remote: Remote, key: Key): void {
  unsettled.add(key);
  deferred?.set(remote.uuid, (deferred.get(remote.uuid) ?? new Set()).add(key));
}

/**
 * Drops contents where enough other copies are proven. That too few are is no failure, as for git-annex: to be rid of it is
 * a wish.
 */
async function dropFrom(
  session: Session,
  from: Remote | undefined,
  subjects: readonly Subject[],
  work: Work,
  filesOf: ReturnType<typeof createFilesOf>,
): Promise<ReadonlySet<Subject>> {
  const gone = new Set<Subject>();
  const size = lockedBatchSize();
  for (let start = 0; start < subjects.length; start += size) {
    const some = subjects.slice(start, start + size);
    const items = new Map(some.map((subject) => [{ ...subject.item, log: presentLog(subject) }, subject]));
    // Nothing is dropped by force because it is not wanted.
    const results = await dropAll({ ...session, force: false }, [...items.keys()], from, { filesOf });
    for (const [item, subject] of items) {
      const result = results.get(item);
      if (result === 'dropped') {
        gone.add(subject);
        work.moved.add(item.key);
        work.totals.dropped++;
        session.policy.rules.moved(from?.uuid ?? session.here.uuid, item.key, 'went');
        continue;
      }
      work.unsettled.add(item.key);
      if (!(result instanceof AnnexError)) continue;
      work.failed++;
      if (from !== undefined && result.code === 'remote-unavailable') work.broken.add(from.uuid);
    }
  }
  return gone;
}

function remoteFields({ name, uuid }: Remote) {
  return { remote: name, 'remote-uuid': uuid };
}
