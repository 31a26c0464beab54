import { AnnexError } from '../../domain/errors.js';
import { inBatches } from '../../lib/in-batches.js';
import type { Repository } from '../../repository/repository.js';
import type { Staged } from '../add/stage.js';
import { stageAll } from '../add/stage.js';
import type { OperationContext, Outcome } from '../context.js';
import { actionOf, type Item } from '../select/item.js';
import type { Selection } from '../select/select.js';
import { batchLimits } from '../transfer/batch-limits.js';
import { createRunningAction, type RunningAction } from '../transfer/running-action.js';

/**
 * Changes one work tree file between forms of the same content. Gives what git's index is to have of it, or `done` where the
 * index stays as it is; undefined: there is nothing to do, and nothing was said.
 */
export type Convert = (item: Item, running: RunningAction) => Promise<Staged | 'done' | undefined>;

/** Converts what was selected, in batches that share a change of git's index, and records it: `lock`, `unlock`, `fix`. */
export async function convertFiles(
  here: Repository,
  selection: Selection,
  command: string,
  context: OperationContext,
  convert: Convert,
): Promise<Outcome> {
  let failed = 0;
  let staged = 0;
  for await (const batch of inBatches(selection.items, batchLimits(selection))) {
    const done: { running: RunningAction; staged: Staged | undefined }[] = [];
    for (const item of batch) {
      if (context.signal.aborted) break;
      const running = createRunningAction(actionOf(command, item), context.emit);
      try {
        const result = await convert(item, running);
        if (result === undefined) selection.nothingFor(item);
        else done.push({ running, staged: result === 'done' ? undefined : result });
      } catch (error) {
        running.failure(reason(error));
        running.end(false);
        failed++;
      }
    }
    // What was done in the work tree is told to git also when the user stops it here.
    const entries = done.flatMap(({ staged: entry }) => entry ?? []);
    const problem = await stage(here, entries);
    await here.unlocked.flush();
    if (problem === undefined) staged += entries.length;
    else failed += done.length;
    for (const { running } of done) {
      if (problem !== undefined) running.failure(problem);
      running.end(problem === undefined);
    }
    context.signal.throwIfAborted();
  }
  const committed = here.settings.bool('annex.alwayscommit', true) && (await here.branch.commit());
  if (committed || staged > 0) context.emit({ type: 'aside', text: 'recording state in git...' });
  return { failed: failed + selection.unknown, stoppedByLimit: false };
}

async function stage(here: Repository, entries: readonly Staged[]): Promise<AnnexError | undefined> {
  try {
    await stageAll(here, entries, new AbortController().signal);
    return undefined;
  } catch (error) {
    if (error instanceof AnnexError) return error;
    throw error;
  }
}

function reason(error: unknown): AnnexError | string {
  if (error instanceof AnnexError) return error;
  return error instanceof Error ? error.message : String(error);
}
