import { toText } from '../../lib/bytes.js';
import { AnnexError } from '../../domain/errors.js';
import { keySize } from '../../domain/key.js';
import { concurrently } from '../../lib/concurrently.js';
import { streamOf } from '../../lib/in-batches.js';
import type { Remote, TransferRequest, TransferResult } from '../../remotes/remote.js';
import type { Item } from '../select/item.js';
import type { RunningAction } from './running-action.js';

/** One content to get, and where it may be had, best first. */
export interface Fetch {
  readonly item: Item;
  readonly running: RunningAction;
  readonly sources: readonly Remote[];
  /** Whether the user named the source: that it is out of reach is then said at once. */
  readonly explicit: boolean;
}

export interface FailedSource {
  readonly remote: Remote;
  readonly error: AnnexError;
}

/** How a fetch ended: the remote that gave the content (undefined: none could), and those that could not. */
export interface Fetched {
  readonly fetch: Fetch;
  readonly from: Remote | undefined;
  readonly failed: readonly FailedSource[];
  /** Whether it was left because the command was interrupted. */
  readonly interrupted: boolean;
}

export interface FetchOptions {
  readonly signal: AbortSignal;
  readonly ignoreReserve: boolean;
  /** Remotes that work at the same time; default 1. */
  readonly jobs?: number;
}

interface Request extends TransferRequest {
  readonly attempt: Attempt;
}

interface Attempt {
  readonly fetch: Fetch;
  /** How many sources have failed. */
  tried: number;
  readonly failed: FailedSource[];
}

/**
 * Gets a batch of contents into this repository: each from its first source, what fails there from the next one, until
 * none is left. What is done comes back in the order of the batch, also when the command is interrupted meanwhile; recording
 * the locations is left to the caller.
 */
export async function fetchBatch(batch: readonly Fetch[], options: FetchOptions): Promise<Fetched[]> {
  const done = new Map<Fetch, Fetched>();
  let attempts = batch.map((fetch): Attempt => ({ fetch, tried: 0, failed: [] }));
  while (attempts.length > 0 && !options.signal.aborted) {
    const again: Attempt[] = [];
    const settle = async (remote: Remote | undefined, group: readonly Attempt[]): Promise<void> => {
      if (remote === undefined) {
        for (const { fetch, failed } of group) {
          done.set(fetch, { fetch, from: undefined, failed, interrupted: false });
        }
        return;
      }
      for await (const result of retrieve(remote, group, options)) {
        const { attempt } = result.request;
        const { fetch } = attempt;
        if (result.ok) {
          done.set(fetch, { fetch, from: remote, failed: attempt.failed, interrupted: false });
          continue;
        }
        tellFailure(fetch, remote, result.error);
        attempt.failed.push({ remote, error: result.error });
        // What the user cancelled is not tried elsewhere.
        attempt.tried = result.error.code === 'transfer-cancelled' ? fetch.sources.length : attempt.tried + 1;
        again.push(attempt);
      }
    };
    const groups = byNextSource(attempts);
    for await (const _ of concurrently(groups, options.jobs ?? 1, ([remote, group]) =>
      settle(remote, group),
    ));
    attempts = again;
  }
  return batch.map((fetch) => done.get(fetch) ?? { fetch, from: undefined, failed: [], interrupted: true });
}

/** The remote as a whole may be out of reach; then every request fails with the same reason. */
async function* retrieve(
  remote: Remote,
  group: readonly Attempt[],
  options: FetchOptions,
): AsyncGenerator<TransferResult<Request>> {
  const left = new Set(group);
  const requests = group.map((attempt): Request => {
    const { key, path } = attempt.fetch.item;
    return { key, file: path, attempt };
  });
  try {
    const results = remote.retrieve(streamOf(requests), {
      ...options,
      onStart: ({ attempt }) => attempt.fetch.running.note(`from ${toText(remote.name)}...`),
      onProgress: ({ attempt, key }, bytes) => void attempt.fetch.running.progress(bytes, keySize(key)),
    });
    for await (const result of results) {
      left.delete(result.request.attempt);
      yield result;
    }
  } catch (error) {
    if (options.signal.aborted) return;
    if (!(error instanceof AnnexError)) throw error;
    for (const request of requests) {
      if (left.has(request.attempt)) yield { request, ok: false, error };
    }
  }
}

/** That a remote is out of reach is told by the list of remotes that could not be accessed, unless it was named. */
function tellFailure(fetch: Fetch, remote: Remote, error: AnnexError): void {
  if (error.code !== 'remote-unavailable') fetch.running.failure(error);
  else if (fetch.explicit) {
    fetch.running.note(`from ${toText(remote.name)}...`);
    fetch.running.failure(error);
  }
}

function byNextSource(attempts: readonly Attempt[]): Map<Remote | undefined, Attempt[]> {
  const groups = new Map<Remote | undefined, Attempt[]>();
  for (const attempt of attempts) {
    const remote = attempt.fetch.sources[attempt.tried];
    const group = groups.get(remote);
    if (group === undefined) groups.set(remote, [attempt]);
    else group.push(attempt);
  }
  return groups;
}
