import { type Adjustment, adjustedBranch } from '../../domain/adjusted-branch.js';
import { AnnexError } from '../../domain/errors.js';
import { ascii, type ByteString, toText } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import type { OperationContext, Outcome } from '../context.js';
import { beginStep, type RunningStep } from '../merge/git-report.js';
import { currentBranch } from '../sync/current-branch.js';
import { enterAdjusted } from './enter.js';
import { recoverInterruptedSwitch } from './interrupted-switch.js';
import { refreshAdjusted } from './refresh.js';

export interface AdjustRequest {
  readonly adjustment: Adjustment;
  /** Whether an adjusted branch that is there already, and may have commits of its own, is made anew. */
  readonly force: boolean;
}

/** `adjust`: checks out an adjusted form of the current branch, or brings the one that is checked out up to date. */
export async function adjust(
  repository: Repository,
  request: AdjustRequest,
  context: OperationContext,
): Promise<Outcome> {
  if (repository.location.workTree === undefined)
    throw new AnnexError('usage', 'You cannot run this command in a bare repository.');
  await recoverInterruptedSwitch(repository);
  const step = beginStep(context, 'adjust', ascii(''), undefined, 'inline');
  let failed = 0;
  try {
    await adjustCurrent(repository, request, step);
    step.end();
  } catch (error) {
    failed = step.end(error);
  }
  return { failed, stoppedByLimit: false };
}

async function adjustCurrent(
  repository: Repository,
  { adjustment, force }: AdjustRequest,
  step: RunningStep,
): Promise<void> {
  const current = await currentBranch(repository.git);
  if (current === undefined) throw new AnnexError('git-failed', 'not on any branch!');
  const branch = adjustedBranch(current.name, adjustment);
  if (current.adjusted?.ref !== branch.ref) {
    const said = await enterAdjusted(repository, branch, force);
    step.output('\n' as ByteString);
    step.complaint(said);
    return;
  }
  const { diverged } = await refreshAdjusted(repository, branch);
  if (diverged) {
    const text = `Original branch ${toText(branch.originalRef)} has diverged from current adjusted branch ${toText(branch.ref)}`;
    step.note(text);
  }
}
