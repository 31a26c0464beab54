import { AnnexError } from '../../domain/errors.js';
import { ascii } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import type { OperationContext, Outcome } from '../context.js';
import { beginStep } from './git-report.js';
import { mergeInProgress } from './merge-in-progress.js';
import { settleMerge } from './merge-ref.js';
import { unmergedPaths } from './unmerged-paths.js';

/**
 * `resolvemerge`: resolves the conflicts of the merge in progress that involve annexed files, whoever has begun it, and
 * commits the merge. Files that look edited are left.
 */
export async function resolveMerge(repository: Repository, context: OperationContext): Promise<Outcome> {
  const step = beginStep(context, 'resolvemerge', ascii(''), undefined, 'inline');
  try {
    if (!mergeInProgress(repository)) {
      throw new AnnexError('merge-conflict', 'git-annex: There is no merge in progress.');
    }
    if ((await unmergedPaths(repository.git)).length === 0)
      throw unresolvable('Nothing is left to be resolved.');
    step.frame(ascii('(recording state in git...)\n'));
    await settleMerge(repository, { fresh: false, plain: false }, step);
  } catch (error) {
    if (!(error instanceof AnnexError) || error.code !== 'merge-conflict') return end(step.end(error));
    return end(step.end(error.message.startsWith('git-annex: ') ? error : unresolvable(error.message)));
  }
  return end(step.end());
}

function unresolvable(reason: string): AnnexError {
  return new AnnexError('merge-conflict', 'git-annex: Merge conflict could not be automatically resolved.', {
    hint: reason,
  });
}

function end(failed: number): Outcome {
  return { failed, stoppedByLimit: false };
}
