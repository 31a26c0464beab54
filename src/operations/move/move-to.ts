import { AnnexError } from '../../domain/errors.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import type { Remote, TransferRequest } from '../../remotes/remote.js';
import { recordLocations } from '../../remotes/record-locations.js';
import type { Outcome } from '../context.js';
import { actionOf } from '../select/item.js';
import type { Selection } from '../select/select.js';
import { lockedBatchLimits, selectedBatches } from '../transfer/selected-batches.js';
import { lockedBatchSize } from '../transfer/locked-batch.js';
import { createRunningAction } from '../transfer/running-action.js';
import { presenceOn, type Send, sendBatch } from '../transfer/send.js';
import { assertWritable, outcomeOf, type Session, type Tally } from '../transfer/session.js';
import type { LoggedItem } from '../transfer/with-logs.js';
import { dropMoved, type Moved } from './drop-after-move.js';
import { openMoveLog } from './move-log.js';

/** Sends contents to a remote and drops them here: `move --to`. */
export async function moveTo(session: Session, selection: Selection, to: ByteString): Promise<Outcome> {
  const remote = session.remote(to);
  assertWritable(remote);
  const tally: Tally = { failed: 0 };
  /** Paused by the user, one by one: they do not keep the others waiting. */
  const paused: LoggedItem[] = [];
  for await (const batch of selectedBatches(session, selection, lockedBatchLimits(selection))) {
    const seen = new Set<string>();
    const chosen = batch.filter((item) => {
      const useful = !seen.has(item.key) && session.here.objects.locate(item.key) !== undefined;
      seen.add(item.key);
      if (!useful) selection.nothingFor(item);
      return useful && session.limits.admits(item.key);
    });
    tally.failed += await moveBatch(session, remote, chosen, paused);
  }
  const size = lockedBatchSize();
  for (let start = 0; start < paused.length && session.limits.timeLeft(); start += size)
    tally.failed += await moveBatch(session, remote, paused.slice(start, start + size));
  return outcomeOf(session, selection, tally);
}

/**
 * Moves contents that are here, and ends their actions.
 * @param paused is given those that wait because the user paused their transfer; undefined: they are waited for
 * @returns the number that failed
 */
async function moveBatch(
  session: Session,
  remote: Remote,
  items: readonly LoggedItem[],
  paused?: LoggedItem[],
): Promise<number> {
  const { here, context } = session;
  const sends = items.map((item): Send & { item: LoggedItem } => ({
    item,
    running: createRunningAction(actionOf('move', item), context.emit),
  }));
  const log = openMoveLog(here.annexDir, context.signal);
  const keys = items.map(({ key }) => key);
  const resumed = await log.begun(here.uuid, remote.uuid, keys);
  const presence = await presenceOn(session, remote, sends);
  const missing = sends.filter((send) => presence.get(send) === 'absent');
  const missingKeys = missing.map(({ item }) => item.key);
  await log.begin(here.uuid, remote.uuid, missingKeys);
  const leaves = ({ key }: TransferRequest) => paused !== undefined && session.steering.pausedKey(key);
  const sent = await sendBatch(session, remote, missing, leaves);
  const present = sends.filter((send) => presence.get(send) === 'present');
  await recordLocations(
    here,
    present.map(({ item }) => item.key),
    remote.uuid,
    'present',
  );
  const moved: Moved[] = [];
  let failed = 0;
  for (const send of sends) {
    const { item, running } = send;
    const checked = presence.get(send);
    const result = sent.get(send);
    if (result instanceof AnnexError && result.code === 'transfer-deferred') paused?.push(item);
    else if (checked instanceof AnnexError || result instanceof AnnexError) {
      if (checked instanceof AnnexError) running.note(`unable to check ${toText(remote.name)}`);
      if (result instanceof AnnexError) running.failure(result);
      running.end(false);
      failed++;
    } else {
      moved.push({ item, running, startedWithCopy: checked === 'present' && !resumed.has(item.key) });
    }
  }
  failed += await dropMoved(session, moved, { source: undefined, destination: remote });
  await log.end(here.uuid, remote.uuid, [...missingKeys, ...resumed]);
  return failed;
}
