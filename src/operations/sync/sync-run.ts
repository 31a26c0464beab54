import type { Repository } from '../../repository/repository.js';
import type { OperationContext } from '../context.js';
import type { AnnexError } from '../../domain/errors.js';
import type { FailureNotes } from '../background-sync/note-failures.js';
import type { SyncRemote } from './choose-remotes.js';
import type { CurrentBranch } from './current-branch.js';
import type { FetchedRemote } from './fetch-remote.js';
import type { Refs } from './known-refs.js';
import type { SyncPlan, SyncRequest } from './sync-request.js';

/** What the steps of one sync share. */
export interface SyncRun {
  readonly repository: Repository;
  readonly context: OperationContext;
  readonly request: SyncRequest;
  readonly plan: SyncPlan;
  /** Whether conflicts between annexed files are resolved. */
  readonly resolve: boolean;
  readonly allowUnrelatedHistories: boolean;
  /** Remembers what failed. */
  readonly failures: FailureNotes;
  /** The branch to merge into and to push; undefined where branches are not exchanged. */
  readonly branch: CurrentBranch | undefined;
}

/** A remote that answered. */
export interface ReadyRemote {
  readonly remote: SyncRemote;
  /** Its refs; undefined when they have changed since they were asked for. */
  readonly refs: Refs | undefined;
}

/** What asking a remote gave. */
export interface Answer {
  readonly remote: SyncRemote;
  readonly fetched: FetchedRemote | AnnexError;
}
