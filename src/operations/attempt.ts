import { AnnexError } from '../domain/errors.js';
import type { ActionEnd } from '../domain/events.js';
import type { RunningAction } from './transfer/running-action.js';

/** What ends an action: further fields of its good end, nothing, or that it failed for a reason that was told. */
export type AttemptResult = Pick<ActionEnd, 'fields'> | 'failed' | undefined;

/**
 * Runs one action to its end: an error that the user can act on, or one of the file system, fails it, any other is thrown. Gives
 * whether it succeeded.
 */
export async function attempt(
  running: RunningAction,
  work: () => Promise<AttemptResult> | AttemptResult,
): Promise<boolean> {
  running.start();
  try {
    const result = await work();
    running.end(result !== 'failed', typeof result === 'object' ? result : {});
    return result !== 'failed';
  } catch (error) {
    if (error instanceof AnnexError && error.code === 'interrupted') throw error;
    const isExpected = error instanceof AnnexError || (error as NodeJS.ErrnoException).code !== undefined;
    if (!isExpected) throw error;
    running.failure(error instanceof AnnexError ? error : (error as Error).message);
    running.end(false);
    return false;
  }
}
