import { ascii, type ByteString } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import type { OperationContext, Outcome } from '../context.js';
import { recoverInterruptedSwitch } from '../adjusted/interrupted-switch.js';
import { mergeIntoAdjusted } from '../adjusted/merge-adjusted.js';
import { currentBranch, isDerived } from '../sync/current-branch.js';
import { mergeDropPoint } from '../sync/pull-remote.js';
import { updateAnnexBranch } from '../sync/update-annex-branch.js';
import { beginStep } from './git-report.js';
import { recoverInterruptedMerge } from './interrupted-merge.js';
import { mergeRef } from './merge-ref.js';
import { plainToo } from './plain-too.js';

export interface MergeRequest {
  /** Branches to merge into the current one; none: the git-annex branches, and what was pushed to `synced/`. */
  readonly refs: readonly ByteString[];
  readonly allowUnrelatedHistories: boolean;
  /** Undefined: as `annex.resolvemerge` says. */
  readonly resolveMerge: boolean | undefined;
}

/** `merge`: what `sync` merges, without exchanging anything with remotes. */
export async function merge(
  repository: Repository,
  request: MergeRequest,
  context: OperationContext,
): Promise<Outcome> {
  const { settings, git } = repository;
  const { allowUnrelatedHistories } = request;
  const annexedOnly = !plainToo(settings);
  const resolve = request.resolveMerge ?? settings.bool('annex.resolvemerge', true);
  let failed = 0;
  await recoverInterruptedMerge(repository);
  await recoverInterruptedSwitch(repository);
  const head = await currentBranch(git);
  if (request.refs.length === 0) {
    const step = beginStep(context, 'merge', ascii('git-annex'), undefined, 'inline');
    await updateAnnexBranch(repository);
    failed += step.end();
    if (head === undefined || isDerived(head)) return { failed, stoppedByLimit: false };
    failed += await mergeDropPoint({ repository, context, branch: head, resolve, allowUnrelatedHistories });
  }
  for (const ref of request.refs) {
    const step = beginStep(context, 'merge', ref);
    try {
      const options = { allowUnrelatedHistories, resolve, annexedOnly, signal: context.signal };
      if (head?.adjusted === undefined) await mergeRef(repository, ref, options, step);
      else await mergeIntoAdjusted(repository, head.adjusted, ref, options, step);
      step.end();
    } catch (error) {
      failed += step.end(error);
    }
  }
  return { failed, stoppedByLimit: false };
}
