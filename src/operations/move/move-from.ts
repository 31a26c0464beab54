import { type ByteString, toText } from '../../lib/bytes.js';
import type { Remote } from '../../remotes/remote.js';
import { recordLocations } from '../../remotes/record-locations.js';
import type { Outcome } from '../context.js';
import { actionOf } from '../select/item.js';
import type { Selection } from '../select/select.js';
import { type Fetch, fetchBatch } from '../transfer/fetch.js';
import { lockedBatchLimits, selectedBatches } from '../transfer/selected-batches.js';
import { createRunningAction } from '../transfer/running-action.js';
import { assertWritable, outcomeOf, placesToTry, type Session, type Tally } from '../transfer/session.js';
import type { LoggedItem } from '../transfer/with-logs.js';
import { dropMoved, type Moved } from './drop-after-move.js';
import { openMoveLog } from './move-log.js';

/** Gets contents from a remote and drops them there: `move --from`; undefined: from every remote, `move --to here`. */
export async function moveFrom(
  session: Session,
  selection: Selection,
  from: ByteString | undefined,
): Promise<Outcome> {
  const sources =
    from === undefined ? session.automatic.filter(({ readonly }) => !readonly) : [session.remote(from)];
  if (from !== undefined) for (const remote of sources) assertWritable(remote);
  const tally: Tally = { failed: 0 };
  for await (const batch of selectedBatches(session, selection, lockedBatchLimits(selection))) {
    const useless = new Set(batch);
    for (const remote of sources) {
      const seen = new Set<string>();
      const there = batch.filter((item) => {
        const useful = !seen.has(item.key) && placesToTry(session, item.log).has(remote.uuid);
        seen.add(item.key);
        return useful && session.limits.admits(item.key);
      });
      for (const item of there) useless.delete(item);
      tally.failed += await moveBatch(session, remote, there);
    }
    for (const item of useless) selection.nothingFor(item);
  }
  return outcomeOf(session, selection, tally);
}

/** Moves contents that the remote is recorded to have, and ends their actions. Gives the number that failed. */
async function moveBatch(session: Session, remote: Remote, items: readonly LoggedItem[]): Promise<number> {
  const { here, context } = session;
  const log = openMoveLog(here.annexDir, context.signal);
  const resumed = await log.begun(
    remote.uuid,
    here.uuid,
    items.map(({ key }) => key),
  );
  const missing = new Set(items.filter(({ key }) => here.objects.locate(key) === undefined));
  const missingKeys = [...missing].map(({ key }) => key);
  await log.begin(remote.uuid, here.uuid, missingKeys);
  const actions = new Map(
    items.map((item) => [item, createRunningAction(actionOf('move', item), context.emit)]),
  );
  const fetches: Fetch[] = [...missing].map((item) => ({
    item,
    running: actions.get(item) as ReturnType<typeof createRunningAction>,
    sources: [remote],
    explicit: true,
  }));
  const fetched = await fetchBatch(fetches, {
    signal: context.signal,
    jobs: context.jobs,
    ignoreReserve: session.force,
  });
  const arrived = fetched.filter(({ from }) => from !== undefined).map(({ fetch }) => fetch.item.key);
  await recordLocations(here, arrived, here.uuid, 'present');
  context.signal.throwIfAborted();
  const lost = new Set(fetched.filter(({ from }) => from === undefined).map(({ fetch }) => fetch.item));
  const moved: Moved[] = [];
  for (const [item, running] of actions) {
    if (lost.has(item)) {
      running.end(false);
      continue;
    }
    if (!missing.has(item)) running.note(`from ${toText(remote.name)}...`);
    moved.push({ item, running, startedWithCopy: !missing.has(item) && !resumed.has(item.key) });
  }
  const failed = lost.size + (await dropMoved(session, moved, { source: remote, destination: undefined }));
  await log.end(remote.uuid, here.uuid, [...missingKeys, ...resumed]);
  return failed;
}
