import { AnnexError } from '../../domain/errors.js';
import { toText } from '../../lib/bytes.js';
import { readyGroups } from '../../lib/ready-groups.js';
import { beginStep } from '../merge/git-report.js';
import { fetchRemote } from './fetch-remote.js';
import { knownRefs } from './known-refs.js';
import { pullRemote } from './pull-remote.js';
import {
  type PushOutcome,
  pauseBeforeRetry,
  pushAttempts,
  pushRemote,
  refusedAttempts,
} from './push-remote.js';
import type { ReadyRemote, SyncRun } from './sync-run.js';

/** Milliseconds that remotes are waited for to keep the order in which they are shown. */
export const grace = 2000;

/**
 * Pushes to remotes side by side. Where somebody else was faster, their changes are pulled and merged and the push is
 * tried again, a few times; where the remote refused it, it is tried again after a while.
 * @param refresh merges what came into the git-annex branch and commits it
 * @returns how many actions failed
 */
export async function pushAll(
  run: SyncRun,
  remotes: readonly ReadyRemote[],
  refresh: () => Promise<void>,
): Promise<number> {
  let failed = 0;
  const unmerged = new Set<ReadyRemote>();
  let left = remotes.filter(({ remote }) => remote.push);
  for (let attempt = 0; left.length > 0; attempt++) {
    const again: { ready: ReadyRemote; outcome: PushOutcome | Error }[] = [];
    const pushes = left.map(({ remote, refs }) => attemptPush(run, remote, attempt === 0 ? refs : undefined));
    for await (const group of readyGroups(pushes, grace)) {
      for (const index of group) {
        const ready = left[index] as ReadyRemote;
        const outcome = (await pushes[index]) as PushOutcome | Error;
        if (!unmerged.has(ready) && mayRetry(run, ready, outcome, attempt + 1))
          again.push({ ready, outcome });
        else failed += show(run, ready, outcome);
      }
    }
    if (again.length > 0) {
      await pauseBeforeRetry(attempt, run.context.signal);
      const lost = again.filter(({ outcome }) => 'state' in outcome && outcome.state === 'moved-on');
      for (const { ready } of lost) {
        const failures = await pullAgain(run, ready.remote);
        if (failures > 0) unmerged.add(ready);
        failed += failures;
      }
      if (lost.length > 0) await refresh();
    }
    left = again.map(({ ready }) => ready);
  }
  return failed;
}

function mayRetry(
  { plan }: SyncRun,
  { remote }: ReadyRemote,
  outcome: PushOutcome | Error,
  attempts: number,
): boolean {
  if (outcome instanceof Error) return false;
  if (outcome.state === 'refused') return attempts < refusedAttempts;
  return outcome.state === 'moved-on' && attempts < pushAttempts && plan.pull && remote.pull;
}

async function attemptPush(
  { repository, branch, context }: SyncRun,
  remote: ReadyRemote['remote'],
  refs: ReadyRemote['refs'],
): Promise<PushOutcome | Error> {
  try {
    return await pushRemote(repository, remote, refs, { branch, signal: context.signal });
  } catch (error) {
    if (error instanceof AnnexError) return error;
    throw error;
  }
}

function show({ context, failures }: SyncRun, { remote }: ReadyRemote, outcome: PushOutcome | Error): number {
  if (!(outcome instanceof Error) && outcome.state === 'nothing') return 0;
  const step = beginStep(context, 'push', remote.name, remote);
  if (outcome instanceof Error || outcome.state === 'refused') {
    const error = outcome instanceof Error ? outcome : outcome.error;
    failures.failed(remote, error);
    return step.end(error);
  }
  if (outcome.state === 'done') {
    step.complaint(outcome.text);
    return step.end();
  }
  const error = outcome.error ?? othersPush(remote);
  failures.failed(remote, error);
  return step.end(error);
}

function othersPush({ name }: ReadyRemote['remote']): AnnexError {
  return new AnnexError('git-failed', `others keep pushing to ${toText(name)}`, { hint: 'Try again later.' });
}

/** Fetches and merges once more; the fetch's own failure is told, too. */
export async function pullAgain(run: SyncRun, remote: ReadyRemote['remote']): Promise<number> {
  const { repository, plan, context } = run;
  const options = { onlyAnnex: plan.onlyAnnex, signal: context.signal };
  const known = await knownRefs(repository.git);
  const fetched = await fetchRemote(repository, remote, known, options).catch((error: unknown) => {
    if (error instanceof AnnexError) return error;
    throw error;
  });
  if (fetched instanceof AnnexError) run.failures.failed(remote, fetched);
  return pullRemote(run, remote, fetched);
}
