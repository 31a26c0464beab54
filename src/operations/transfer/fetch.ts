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
  /** Whether it was left because all that can give it are paused; only with `leavePaused`. */
  readonly paused: boolean;
}

export interface FetchOptions {
  readonly signal: AbortSignal;
  readonly ignoreReserve: boolean;
  /** Remotes that work at the same time; default 1. */
  readonly jobs?: number;
  /** Leaves what only paused remotes can give, instead of waiting until they are resumed. Default false. */
  readonly leavePaused?: boolean;
}

interface Request extends TransferRequest {
  readonly attempt: Attempt;
}

interface Attempt {
  readonly fetch: Fetch;
  /** To be asked, best first. */
  readonly left: Remote[];
  /** Those that are paused, or with which a transfer has stalled: asked again when nobody else can give it. */
  readonly deferred: Remote[];
  readonly failed: FailedSource[];
}

/**
 * Gets a batch of contents into this repository: each from its first source, what fails there from the next one, until
 * none is left. Sources that are paused are passed over, and waited for in the end. What is done comes back in the order of
 * the batch, also when the command is interrupted meanwhile; recording the locations is left to the caller.
 */
export async function fetchBatch(batch: readonly Fetch[], options: FetchOptions): Promise<Fetched[]> {
  const done = new Map<Fetch, Fetched>();
  const end = ({ fetch, failed }: Attempt, how: Partial<Fetched> = {}) =>
    void done.set(fetch, { fetch, from: undefined, failed, interrupted: false, paused: false, ...how });
  let attempts = batch.map(
    (fetch): Attempt => ({
      fetch,
      left: [...fetch.sources],
      deferred: [],
      failed: [],
    }),
  );
  let parked: Attempt[] = [];
  for (let waits = false; attempts.length > 0 && !options.signal.aborted; ) {
    const open: Attempt[] = [];
    const ask = async ([remote, group]: [Remote, Attempt[]]): Promise<void> => {
      for await (const { request, ...result } of retrieve(remote, group, waits, options)) {
        if (result.ok) end(request.attempt, { from: remote });
        else {
          passOn(request.attempt, remote, result.error);
          open.push(request.attempt);
        }
      }
    };
    for (const attempt of attempts) if (attempt.left.length === 0) end(attempt);
    const groups = byNextSource(attempts);
    for await (const _ of concurrently(groups, waits ? groups.size : (options.jobs ?? 1), ask));
    const exhausted = ({ left, deferred }: Attempt) => left.length === 0 && deferred.length > 0;
    parked.push(...open.filter(exhausted));
    attempts = open.filter((attempt) => !exhausted(attempt));
    if (attempts.length > 0) continue;
    if (options.leavePaused) for (const attempt of parked) end(attempt, { paused: true });
    else attempts = parked;
    for (const { left, deferred } of parked) left.push(...deferred.splice(0));
    parked = [];
    waits = true;
  }
  return batch.map(
    (fetch) => done.get(fetch) ?? { fetch, from: undefined, failed: [], interrupted: true, paused: false },
  );
}

/** The remote did not give it: the next one is to be asked. What the user cancelled is not tried elsewhere. */
function passOn({ fetch, left, deferred, failed }: Attempt, remote: Remote, error: AnnexError): void {
  left.shift();
  if (error.code === 'transfer-deferred') {
    deferred.push(remote);
    return;
  }
  tellFailure(fetch, remote, error);
  failed.push({ remote, error });
  if (error.code === 'transfer-cancelled') for (const others of [left, deferred]) others.splice(0);
}

/** The remote as a whole may be out of reach; then every request fails with the same reason. */
async function* retrieve(
  remote: Remote,
  group: readonly Attempt[],
  waits: boolean,
  options: FetchOptions,
): AsyncGenerator<TransferResult<Request>> {
  const left = new Set(group);
  const begun = new Set<Attempt>();
  const requests = group.map((attempt): Request => {
    const { key, path } = attempt.fetch.item;
    return { key, file: path, attempt };
  });
  try {
    const results = remote.retrieve(streamOf(requests), {
      ...options,
      ...(waits ? {} : { elsewhere: () => true }),
      onStart({ attempt }) {
        if (begun.has(attempt)) return;
        begun.add(attempt);
        attempt.fetch.running.note(`from ${toText(remote.name)}...`);
      },
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

function byNextSource(attempts: readonly Attempt[]): Map<Remote, Attempt[]> {
  const groups = new Map<Remote, Attempt[]>();
  for (const attempt of attempts) {
    const [remote] = attempt.left;
    const group = remote && groups.get(remote);
    if (group !== undefined) group.push(attempt);
    else if (remote !== undefined) groups.set(remote, [attempt]);
  }
  return groups;
}
