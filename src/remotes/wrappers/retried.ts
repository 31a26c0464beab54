import { AnnexError, type ErrorCode } from '../../domain/errors.js';
import { toText } from '../../lib/bytes.js';
import type { Remote, TransferContext, TransferRequest, TransferResult } from '../remote.js';
import type { Clock } from './clock.js';
import { createRequestSource } from './request-source.js';

/** `annex.retry` and its like. */
export interface RetryRules {
  /** How often a transfer that failed is tried again. */
  readonly retries: number;
  /** The same for one that got further than before. */
  readonly forwardRetries: number;
  /** Seconds before the first time; twice as many before each further one. */
  readonly delay: number;
}

/** What may go better in a moment. */
const PASSING: ReadonlySet<ErrorCode> = new Set([
  'connection-lost',
  'remote-unavailable',
  'protocol',
  'transfer-stalled',
  'remote-refused',
  'content-corrupt',
  'internal',
]);
/** Seconds between two attempts at most. */
const LONGEST_DELAY = 3600;

/** A remote that tries again what failed there, all of it together, before it says that it failed. */
export function retried(
  inner: Remote,
  rules: RetryRules,
  clock: Clock,
  tell: (text: string) => void,
): Remote {
  const retrying = { remote: inner, rules, clock, tell };
  return {
    ...inner,
    retrieve: (requests, context) => retryAll(retrying, inner.retrieve, requests, context),
    store: (requests, context) => retryAll(retrying, inner.store, requests, context),
  };
}

interface Retrying {
  readonly remote: Remote;
  readonly rules: RetryRules;
  readonly clock: Clock;
  readonly tell: (text: string) => void;
}

async function* retryAll<R extends TransferRequest>(
  { remote, rules, clock, tell }: Retrying,
  transfer: Remote['retrieve'],
  requests: AsyncIterable<R>,
  context: TransferContext<R>,
): AsyncGenerator<TransferResult<R>> {
  const source = createRequestSource(requests);
  const progress = createProgress<R>(rules);
  const open = new Set<R>();
  async function* feed(): AsyncGenerator<R> {
    for (let request = await source.next(); request !== undefined; request = await source.next()) {
      open.add(request);
      yield request;
    }
  }
  try {
    for (let delay = rules.delay; ; delay = Math.min(delay * 2, LONGEST_DELAY)) {
      const again: R[] = [];
      try {
        for await (const result of transfer(feed(), { ...context, ...progress.observe(context) })) {
          open.delete(result.request);
          if (!result.ok && progress.mayRetry(result.request, result.error)) again.push(result.request);
          else yield result;
        }
      } catch (error) {
        // The remote as a whole can't be used: what it did not answer failed.
        if (context.signal.aborted || !(error instanceof AnnexError)) throw error;
        const retry = [...open].filter((request) => progress.mayRetry(request, error));
        if (retry.length < open.size || retry.length === 0) throw error;
        again.push(...retry);
        open.clear();
      }
      if (again.length === 0) return;
      const count = again.length === 1 ? 'a transfer' : `${again.length} transfers`;
      tell(`Trying ${count} with ${toText(remote.name)} again in ${delay} s.`);
      await clock.sleep(delay * 1000, context.signal);
      context.signal.throwIfAborted();
      source.putBack(again);
    }
  } finally {
    source.close();
  }
}

interface Progress<R extends TransferRequest> {
  observe(context: TransferContext<R>): Pick<TransferContext<R>, 'onResume' | 'onProgress'>;
  /** Counts a failure; whether the request is tried again. */
  mayRetry(request: R, error: AnnexError): boolean;
}

interface Tries {
  failures: number;
  /** Bytes done by the attempts before the last one. */
  before: number;
}

function createProgress<R extends TransferRequest>({ retries, forwardRetries }: RetryRules): Progress<R> {
  const done = new WeakMap<R, number>();
  const tries = new WeakMap<R, Tries>();
  return {
    observe: (context) => ({
      onResume(request, bytes) {
        if (!tries.has(request)) tries.set(request, { failures: 0, before: bytes });
        context.onResume?.(request, bytes);
      },
      onProgress(request, bytes) {
        done.set(request, bytes);
        return context.onProgress?.(request, bytes);
      },
    }),
    mayRetry(request, error) {
      if (!PASSING.has(error.code)) return false;
      const { failures, before } = tries.get(request) ?? { failures: 0, before: 0 };
      const reached = Math.max(before, done.get(request) ?? 0);
      tries.set(request, { failures: failures + 1, before: reached });
      // Content that is wrong, or that the other side does not take, is no progress.
      const forward = reached > before && !['content-corrupt', 'remote-refused'].includes(error.code);
      return failures < (forward ? Math.max(retries, forwardRetries) : retries);
    },
  };
}
