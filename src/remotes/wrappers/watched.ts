import { AnnexError } from '../../domain/errors.js';
import type { StallRule } from '../../domain/rate.js';
import { toText } from '../../lib/bytes.js';
import type { Steering } from '../../repository/transfers/steering.js';
import type { Remote, TransferContext, TransferRequest, TransferResult } from '../remote.js';
import type { Clock } from './clock.js';
import { createFlights, type Verdict } from './flights.js';
import { createRequestSource, type RequestSource } from './request-source.js';

export interface Watch {
  readonly stall: { readonly download: StallRule; readonly upload: StallRule };
  readonly steering: Pick<Steering, 'paused' | 'pausedKey' | 'pausedBefore' | 'cancelled'>;
  /** Milliseconds since 1970. */
  readonly waitsSince: number;
  readonly clock: Clock;
  /** Told a sentence for the user. */
  readonly tell: (text: string) => void;
}

/** Milliseconds between two looks at the transfers under way, and at what the user asked for. */
const INTERVAL = 500;
/** Milliseconds for which an interrupted remote may take to end; then it is left to itself. */
const GRACE = 10_000;

/** Milliseconds for which contents that can be had elsewhere are not asked of a remote with which a transfer has stalled. */
const SHUNNED = 300_000;

/**
 * A remote whose transfers are aborted one by one: those that stall, those the user cancels, and, to be continued later, those the
 * user pauses. The remote is interrupted as a whole then, and what else was under way is asked of it again: contents that
 * arrived in part are continued. What can be had elsewhere does not wait for a remote that is paused or has stalled. What was
 * paused before `waitsSince` fails with `transfer-paused`, so that no command hangs that is started while transfers are paused.
 */
export function watched(inner: Remote, watch: Watch): Remote {
  const standing: Standing = { shunnedUntil: Number.NEGATIVE_INFINITY, toldPause: false };
  return {
    ...inner,
    retrieve: (requests, context) =>
      watchAll(inner, inner.retrieve, requests, context, {
        ...watch,
        rule: watch.stall.download,
        standing,
      }),
    store: (requests, context) =>
      watchAll(inner, inner.store, requests, context, { ...watch, rule: watch.stall.upload, standing }),
  };
}

type Transfer = Remote['retrieve'];
type Watching = Watch & { readonly rule: StallRule; readonly standing: Standing };

/** What is known of a remote from its last transfers. */
interface Standing {
  /** Monotonic milliseconds. */
  shunnedUntil: number;
  /** Whether the user knows that transfers were paused when the command began. */
  toldPause: boolean;
}

async function* watchAll<R extends TransferRequest>(
  remote: Remote,
  transfer: Transfer,
  requests: AsyncIterable<R>,
  context: TransferContext<R>,
  watching: Watching,
): AsyncGenerator<TransferResult<R>> {
  const source = createRequestSource(requests);
  const waiting: R[] = [];
  try {
    while (!source.ended() || waiting.length > 0) {
      yield* setAside(remote, source, waiting, context, watching);
      if (source.ended() && waiting.length === 0) return;
      await untilResumed(remote, watching, context.signal, source.ended() ? waiting : []);
      source.putBack(waiting.splice(0));
      yield* oneRun(remote, transfer, source, waiting, context, watching);
    }
  } finally {
    source.close();
  }
}

/** While the remote is paused, what can be had elsewhere goes there; the rest is left in `waiting`, or fails. */
async function* setAside<R extends TransferRequest>(
  remote: Remote,
  source: RequestSource<R>,
  waiting: R[],
  { elsewhere, signal }: TransferContext<R>,
  watching: Watching,
): AsyncGenerator<TransferResult<R>> {
  const { steering, waitsSince } = watching;
  const paused = () => steering.paused(remote.uuid);
  while (paused() && !signal.aborted) {
    const refuses = steering.pausedBefore(waitsSince, remote.uuid);
    if (!refuses && elsewhere === undefined) return;
    const request = await source.next();
    if (request === undefined) return;
    if (!paused()) return source.putBack([request]);
    if (elsewhere?.(request)) yield deferred(request);
    else if (refuses) yield refused(request, remote, watching);
    else waiting.push(request);
  }
}

/** The answer to a request that was paused before the command began. */
function refused<R extends TransferRequest>(
  request: R,
  remote: Remote,
  { standing, tell }: Watching,
): TransferResult<R> {
  if (!standing.toldPause) tell(pauseSentence(remote));
  standing.toldPause = true;
  return { request, ok: false, error: new AnnexError('transfer-paused', 'the transfer is paused') };
}

function pauseSentence({ name }: Remote): string {
  return `Transfers with ${toText(name)} are paused; git annex-ts transfer-status --resume lets them go on.`;
}

function deferred<R extends TransferRequest>(request: R): TransferResult<R> {
  return { request, ok: false, error: new AnnexError('transfer-deferred', 'the transfer is paused') };
}

/** Waits while transfers with the remote are paused, and while each of the given ones is. */
async function untilResumed(
  remote: Remote,
  { steering, clock, tell }: Watching,
  signal: AbortSignal,
  waiting: readonly TransferRequest[],
): Promise<void> {
  const paused = () =>
    steering.paused(remote.uuid) ||
    (waiting.length > 0 && waiting.every(({ key }) => steering.pausedKey(key)));
  if (!paused()) return;
  tell(pauseSentence(remote));
  while (paused()) {
    await clock.sleep(INTERVAL, signal);
    signal.throwIfAborted();
  }
}

/** Asks the remote for what the source gives, until that ends or a transfer has to be interrupted. */
async function* oneRun<R extends TransferRequest>(
  remote: Remote,
  transfer: Transfer,
  source: RequestSource<R>,
  waiting: R[],
  context: TransferContext<R>,
  watching: Watching,
): AsyncGenerator<TransferResult<R>> {
  const { steering, clock, standing, waitsSince } = watching;
  const passedOn: R[] = [];
  const held: R[] = [];
  const controller = new AbortController();
  const over = new AbortController();
  const flights = createFlights<R>(remote, watching);
  let verdict: Verdict<R> | undefined;
  let giveUp: (() => void) | undefined;

  function interrupt(reason: Verdict<R>): void {
    if (verdict !== undefined) return;
    verdict = reason;
    controller.abort(reason.error);
    source.stop();
    void clock.sleep(GRACE, over.signal).then(() => giveUp?.());
  }
  async function* feed(): AsyncGenerator<R> {
    while (verdict === undefined) {
      if (steering.paused(remote.uuid)) return interrupt({ error: pausedError() });
      const request = await source.next();
      if (request === undefined) return;
      if (verdict !== undefined) return source.putBack([request]);
      if (steering.pausedKey(request.key)) {
        const old = steering.pausedBefore(waitsSince, remote.uuid, request.key);
        (context.elsewhere?.(request) ? passedOn : old ? held : waiting).push(request);
      } else if (clock.now() < standing.shunnedUntil && context.elsewhere?.(request)) passedOn.push(request);
      else {
        flights.add(request);
        yield request;
      }
    }
  }
  const timer = clock.every(INTERVAL, () => {
    const found = flights.look();
    if (found !== undefined) interrupt(found);
  });
  const signal = AbortSignal.any([context.signal, controller.signal]);
  const results = transfer(feed(), { ...context, ...flights.observe(context, signal), signal })[
    Symbol.asyncIterator
  ]();
  let ended = false;
  try {
    while (!ended) {
      const next = await new Promise<IteratorResult<TransferResult<R>> | undefined>((resolve, reject) => {
        giveUp = () => resolve(undefined);
        results.next().then(resolve, reject);
      });
      ended = next === undefined || next.done === true;
      if (next === undefined || next.done) break;
      const result = next.value;
      if (verdict !== undefined && !result.ok && wasInterrupted(result.error, verdict)) continue;
      flights.remove(result.request);
      if (result.ok) standing.shunnedUntil = Number.NEGATIVE_INFINITY;
      yield result;
    }
  } catch (error) {
    ended = true;
    if (verdict === undefined || context.signal.aborted) throw error;
  } finally {
    timer.stop();
    over.abort();
    if (!ended) await results.return?.(undefined);
  }
  for (const request of passedOn) yield deferred(request);
  for (const request of held) yield refused(request, remote, watching);
  if (verdict === undefined) return;
  if (verdict.error.code === 'transfer-stalled') standing.shunnedUntil = clock.now() + SHUNNED;
  source.putBack([...flights.all()].filter((request) => request !== verdict?.request));
  const { request, error } = verdict;
  if (request !== undefined && flights.has(request)) yield { request, ok: false, error };
}

/** Whether a failure is the consequence of the interruption. */
function wasInterrupted<R>(error: AnnexError, verdict: Verdict<R>): boolean {
  return error === verdict.error || error.code === 'interrupted' || error.code === 'connection-lost';
}

function pausedError(): AnnexError {
  return new AnnexError('transfer-paused', 'the transfer is paused');
}
