import { type BatchLimits, inBatches } from '../../lib/in-batches.js';
import type { Item } from '../select/item.js';
import type { Selection } from '../select/select.js';
import { batchLimits } from './batch-limits.js';
import { lockedBatchSize } from './locked-batch.js';
import type { Session } from './session.js';
import { type LoggedItem, withLogs } from './with-logs.js';

/**
 * What was selected, with its location logs, in batches that are worked on together; ends early when the user's time
 * limit is reached.
 * @throws what stopped the operation (`interrupted`)
 */
export async function* selectedBatches(
  session: Session,
  selection: Selection,
  limits: BatchLimits<Item> = batchLimits(selection),
): AsyncGenerator<LoggedItem[]> {
  const items = withLogs(session.here.branch, selection.items, selection.interactive);
  for await (const batch of inBatches(items, limits)) {
    session.context.signal.throwIfAborted();
    if (!session.limits.timeLeft()) return;
    yield batch;
  }
}

/** Limits of batches whose contents are removed somewhere: no more than can be locked at the same time. */
export function lockedBatchLimits(selection: Selection): BatchLimits<Item> {
  const limits = batchLimits(selection);
  return { ...limits, items: Math.min(limits.items, lockedBatchSize()) };
}
