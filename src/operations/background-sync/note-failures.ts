import { AnnexError } from '../../domain/errors.js';
import type { Uuid } from '../../domain/uuid.js';
import type { Repository } from '../../repository/repository.js';
import { hasBranches, type SyncRemote } from '../sync/choose-remotes.js';
import type { SyncPlan } from '../sync/sync-request.js';
import { backOffRules } from './back-off-rules.js';
import { openFailureStore, type PendingWork } from './failure-store.js';

/** What one sync remembers of its remotes for `sync --retry`. */
export interface FailureNotes {
  /** An exchange with a remote failed: remembered at once, as one failure however much of it fails. */
  failed(remote: SyncRemote, error: unknown): void;
  /** A remote went away while content was moved. */
  lost(uuid: Uuid): void;
  /** Ends the sync: those that were reached and did not fail have done what the plan says. */
  settle(reached: ReadonlySet<string>): void;
}

/**
 * @param partial whether the sync is about some contents only
 * @param clear whether the user named the remotes, so that what failed before does not count any more
 */
export function noteFailures(
  repository: Repository,
  plan: SyncPlan,
  remotes: readonly SyncRemote[],
  { clear, partial }: { readonly clear: boolean; readonly partial: boolean },
): FailureNotes {
  const store = openFailureStore(repository.annexDir, 'remotes');
  const rules = backOffRules(repository.settings);
  const failed = new Set<string>();
  const done = ({ pull, push }: SyncRemote): PendingWork => ({
    pull: plan.pull && pull,
    push: plan.push && push,
    content: plan.content,
  });

  function note(remote: SyncRemote, error: unknown): void {
    if (!(error instanceof AnnexError) || error.code === 'interrupted' || failed.has(remote.name)) return;
    failed.add(remote.name);
    const before = store.get(remote.name);
    const wanted = done(remote);
    store.put({
      subject: remote.name,
      pending: {
        pull: wanted.pull || before?.pending.pull === true,
        push: wanted.push || before?.pending.push === true,
        content: wanted.content || before?.pending.content === true,
      },
      backOff: rules.next(clear ? undefined : before?.backOff),
      reason: error.message,
    });
  }

  return {
    failed: note,
    lost(uuid) {
      for (const remote of remotes) {
        if (remote.uuid === uuid)
          note(remote, new AnnexError('remote-unavailable', 'it could not be reached any more'));
      }
    },
    settle(reached) {
      for (const remote of remotes) {
        // Special remotes only hold content, so that nothing of them is fetched.
        const asked = reached.has(remote.name) || (!hasBranches(remote) && plan.content);
        const before = asked && !failed.has(remote.name) ? store.get(remote.name) : undefined;
        if (before === undefined) continue;
        const now = { ...done(remote), ...(partial ? { content: false } : {}) };
        const pending = {
          pull: before.pending.pull && remote.pull && !now.pull,
          push: before.pending.push && remote.push && !now.push,
          content: before.pending.content && !now.content,
        };
        if (pending.pull || pending.push || pending.content)
          store.put({ ...before, pending, backOff: undefined });
        else store.forget(remote.name);
      }
    },
  };
}
