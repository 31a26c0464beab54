import { ascii } from '../../lib/bytes.js';
import type { OperationContext, Outcome } from '../context.js';
import type { Recorder } from '../settings-log/record-state.js';

const DANGER = 'To forget git-annex branch history, you must specify --force. This deletes metadata!';

/** Rewrites the git-annex branch without its history, and without dead repositories where wanted. */
export async function forget(
  { branch }: Recorder,
  { dropDead, force }: { readonly dropDead: boolean; readonly force: boolean },
  { emit }: OperationContext,
): Promise<Outcome> {
  const action = { command: 'forget', subject: ascii('git-annex') };
  emit({ type: 'start', action });
  if (!force) {
    emit({ type: 'long-note', action, text: DANGER });
    emit({ type: 'end', action, success: false });
    return { failed: 1, stoppedByLimit: false };
  }
  await branch.forget({ dropDead });
  emit({ type: 'end', action, success: true });
  emit({ type: 'aside', text: 'recording state in git...' });
  return { failed: 0, stoppedByLimit: false };
}
