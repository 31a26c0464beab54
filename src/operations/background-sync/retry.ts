import type { Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import { listDecidedSettings } from '../../remotes/list/list-settings.js';
import type { Repository } from '../../repository/repository.js';
import type { OperationContext, Outcome } from '../context.js';
import { chooseRemotes, type SyncRemote } from '../sync/choose-remotes.js';
import { sync } from '../sync/sync.js';
import type { SyncRequest } from '../sync/sync-request.js';
import type { SessionOptions } from '../transfer/session.js';
import { type Failure, openFailureStore } from './failure-store.js';
import { leaveResting } from './resting-remotes.js';
import { retryTransfers } from './retry-transfers.js';

/**
 * Does what failed before, and nothing else: exchanges with the remotes that failed, then the transfers that did. Remotes and
 * transfers that failed recently are left alone for a while, unless the user names remotes.
 */
export async function retry(
  repository: Repository,
  request: SyncRequest,
  context: OperationContext,
  options: SessionOptions,
): Promise<Outcome> {
  const { settings, annexDir } = repository;
  const all = await listDecidedSettings(repository);
  const named = request.remotes.length > 0;
  const remotes = chooseRemotes(all, request.remotes, settings, false);
  const failures = pendingFailures(annexDir, remotes, all);
  const candidates = remotes.filter(({ name }) => failures.has(name));
  const { ready, resting } = named
    ? { ready: candidates, resting: [] }
    : leaveResting(repository, candidates, context.emit);
  let failed = 0;
  let stoppedByLimit = false;
  for (const again of groups(ready, failures)) {
    const outcome = await sync(
      repository,
      { ...request, ...again, manner: named ? 'attended' : 'retry' },
      context,
      { command: 'sync', contentByDefault: false },
      options,
    );
    failed += outcome.failed;
    stoppedByLimit ||= outcome.stoppedByLimit;
  }
  const unreached = [...resting.map(({ name }) => name), ...stillFailing(annexDir, ready)];
  const only = named ? uuidsOf(remotes) : undefined;
  const transfers = await retryTransfers(repository, context, options, { only, resting: new Set(unreached) });
  return { failed: failed + transfers.failed, stoppedByLimit: stoppedByLimit || transfers.stoppedByLimit };
}

/** Failures by remote; those of remotes that are configured no more are forgotten. */
function pendingFailures(
  annexDir: ByteString,
  remotes: readonly SyncRemote[],
  all: readonly { readonly name: ByteString }[],
): Map<string, Failure> {
  const store = openFailureStore(annexDir, 'remotes');
  const chosen = new Set(remotes.map(({ name }) => name));
  const known = new Set(all.map(({ name }) => name));
  const failures = new Map<string, Failure>();
  for (const failure of store.all()) {
    if (!known.has(failure.subject)) store.forget(failure.subject);
    else if (chosen.has(failure.subject)) failures.set(failure.subject, failure);
  }
  return failures;
}

type Again = Pick<SyncRequest, 'remotes' | 'commit' | 'pull' | 'push' | 'content' | 'contentOf' | 'cleanup'>;

/** One sync for all remotes with which the same is to be done. */
function groups(remotes: readonly SyncRemote[], failures: ReadonlyMap<string, Failure>): Again[] {
  const found = new Map<string, Again & { remotes: ByteString[] }>();
  for (const { name } of remotes) {
    const { push = false, content = false } = failures.get(name)?.pending ?? {};
    const key = `${push} ${content}`;
    const group = found.get(key);
    if (group !== undefined) group.remotes.push(name);
    else {
      // What others have pushed meanwhile has to be merged before a push can succeed.
      found.set(key, {
        remotes: [name],
        commit: false,
        pull: true,
        push,
        content,
        contentOf: [],
        cleanup: false,
      });
    }
  }
  return [...found.values()];
}

function stillFailing(annexDir: ByteString, remotes: readonly SyncRemote[]): string[] {
  const store = openFailureStore(annexDir, 'remotes');
  return remotes.filter(({ name }) => store.get(name)?.backOff !== undefined).map(({ name }) => name);
}

function uuidsOf(remotes: readonly SyncRemote[]): Set<Uuid> {
  return new Set(remotes.flatMap(({ uuid }) => uuid ?? []));
}
