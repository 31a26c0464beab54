import { presentLocations } from '../../domain/logs/location-log.js';
import type { ByteString } from '../../lib/bytes.js';
import { inBatches } from '../../lib/in-batches.js';
import type { Remote } from '../../remotes/remote.js';
import { recordLocations } from '../../remotes/record-locations.js';
import type { Outcome } from '../context.js';
import { actionOf } from '../select/item.js';
import type { Selection } from '../select/select.js';
import { batchLimits } from '../transfer/batch-limits.js';
import { type Fetch, type Fetched, fetchBatch } from '../transfer/fetch.js';
import { tellOtherPlaces, tellUnreached } from '../transfer/other-places.js';
import { selectedBatches } from '../transfer/selected-batches.js';
import { createRunningAction } from '../transfer/running-action.js';
import {
  namesOf,
  outcomeOf,
  placesToTry,
  remotesWith,
  type Session,
  type Tally,
} from '../transfer/session.js';
import type { LoggedItem } from '../transfer/with-logs.js';

export interface GetRequest {
  /** The word for the action: `get`, or `copy` when that is what the user said. */
  readonly command: string;
  /** Only from there; undefined: from any remote. */
  readonly from?: ByteString | undefined;
  /** Only what lacks copies or is wanted here. */
  readonly auto: boolean;
}

/** Makes contents present here: `get`, `copy --from`, `copy --to here`. */
export async function get(session: Session, selection: Selection, request: GetRequest): Promise<Outcome> {
  const only = request.from === undefined ? undefined : session.remote(request.from);
  const tally: Tally = { failed: 0 };
  /** What only paused remotes can give comes last. */
  const paused: Fetch[] = [];
  const fetchAll = async (fetches: readonly Fetch[], leavePaused: boolean): Promise<void> => {
    const { signal, jobs } = session.context;
    const done = await fetchBatch(fetches, { signal, jobs, ignoreReserve: session.force, leavePaused });
    const got = done.filter(({ from }) => from !== undefined).map(({ fetch }) => fetch.item.key);
    await recordLocations(session.here, got, session.here.uuid, 'present');
    for (const fetched of done) {
      if (fetched.paused) paused.push(fetched.fetch);
      else if (!fetched.interrupted) tally.failed += endFetch(session, fetched, only) ? 0 : 1;
    }
  };
  const limits = batchLimits(selection);
  for await (const batch of selectedBatches(session, selection, limits)) {
    await fillPointers(session, batch);
    const chosen = await choose(session, selection, batch, request, only);
    const fetches = chosen.map((item) => fetchOf(session, item, request.command, only));
    // Where everything is paused, nothing comes from elsewhere meanwhile.
    await fetchAll(fetches, !selection.interactive && !session.steering.pausedAll());
  }
  for await (const batch of inBatches(paused.splice(0), {
    ...limits,
    weigh: ({ item }) => limits.weigh?.(item) ?? 0,
  })) {
    if (!session.limits.timeLeft()) break;
    const missing = batch.filter(({ item }) => session.here.objects.locate(item.key) === undefined);
    await fetchAll(missing, false);
  }
  return outcomeOf(session, selection, tally);
}

/** Unlocked files whose content is here and that could not be filled when it came. */
async function fillPointers({ here }: Session, batch: readonly LoggedItem[]): Promise<void> {
  for (const { key, unlocked } of batch) {
    const object = unlocked ? here.objects.locate(key) : undefined;
    if (object !== undefined) await here.unlocked.populate(key, object);
  }
}

async function choose(
  session: Session,
  selection: Selection,
  batch: readonly LoggedItem[],
  request: GetRequest,
  only: Remote | undefined,
): Promise<LoggedItem[]> {
  const seen = new Set<string>();
  const missing = batch.filter((item) => {
    const useful =
      !seen.has(item.key) &&
      session.here.objects.locate(item.key) === undefined &&
      (only === undefined || placesToTry(session, item.log).has(only.uuid));
    seen.add(item.key);
    if (!useful) selection.nothingFor(item);
    return useful;
  });
  const wanted = request.auto ? await wantedHere(session, selection, missing) : missing;
  return wanted.filter((item) => session.limits.admits(item.key));
}

async function wantedHere(
  session: Session,
  selection: Selection,
  items: readonly LoggedItem[],
): Promise<LoggedItem[]> {
  const verdicts = await session.policy.wantedBy(session.here.uuid, items);
  return items.filter((item, i) => {
    if (verdicts[i]) return true;
    selection.nothingFor(item);
    return false;
  });
}

function fetchOf(session: Session, item: LoggedItem, command: string, only: Remote | undefined): Fetch {
  const running = createRunningAction(actionOf(command, item), session.context.emit);
  const sources =
    only === undefined ? remotesWith(session.automatic, placesToTry(session, item.log)) : [only];
  return { item, running, sources, explicit: only !== undefined };
}

/** Tells how it ended; whether it went well. */
function endFetch(session: Session, { fetch, from, failed }: Fetched, only: Remote | undefined): boolean {
  const { item, running } = fetch;
  if (from !== undefined) {
    running.end(true);
    return true;
  }
  if (only !== undefined) {
    running.end(false);
    return false;
  }
  if (fetch.sources.length === 0) running.note('not available');
  else tellUnreached(running, namesOf(failed.map(({ remote }) => remote)));
  const asked = new Set(failed.map(({ remote }) => remote.uuid));
  const uuids = presentLocations((item as LoggedItem).log).filter(
    (uuid) => uuid !== session.here.uuid && !asked.has(uuid) && session.policy.trust(uuid) !== 'dead',
  );
  const wanted = tellOtherPlaces(running, {
    uuids,
    entries: session.entries,
    known: session.policy.known,
    nowhere: 'No other repository is known to contain the file.',
  });
  running.end(false, { wanted });
  return false;
}
