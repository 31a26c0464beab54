import { AnnexError } from '../../domain/errors.js';
import type { Repository } from '../../repository/repository.js';
import type { OperationContext, Outcome } from '../context.js';
import { createRunningAction } from '../transfer/running-action.js';

/** Makes git see that unlocked files whose content came or went are not modified: `restage`. */
export async function restage({ unlocked }: Repository, { emit }: OperationContext): Promise<Outcome> {
  const running = createRunningAction({ command: 'restage' }, emit);
  running.start();
  const done = await unlocked.restageLeft();
  if (!done) running.failure(new AnnexError('locked', "git's index is locked", { hint: 'Try again later.' }));
  running.end(done);
  return { failed: done ? 0 : 1, stoppedByLimit: false };
}
