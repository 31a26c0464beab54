import { keySize } from '../../domain/key.js';
import type { Uuid } from '../../domain/uuid.js';
import { concurrently } from '../../lib/concurrently.js';
import { inBatches } from '../../lib/in-batches.js';
import type { Repository } from '../../repository/repository.js';
import { createTransferJournal } from '../exchange/transfer-journal.js';
import { asAnnexError } from '../local-git/system-errors.js';
import type { Gate } from './gate.js';
import type { TransferContext, TransferRequest, TransferResult } from '../remote.js';

/** Contents that share one barrier: it costs more than many of them, so it waits for some to come. */
const SHARED_BARRIER = { items: 2048, weight: 64 << 20 };
/** Milliseconds for which results wait for others. */
const LINGER = { retrieve: 200, store: 5 };

export interface Mover<R extends TransferRequest> {
  /** The most transfers at the same time; fewer where the gate lets fewer pass. */
  readonly window: number;
  readonly gate: Gate;
  /** Moves one content; false when there was nothing to do. Throws why it can't. */
  readonly move: (request: R, context: TransferContext<R>) => Promise<boolean>;
}

/**
 * Moves contents, several at once, and gives the results once they are durable, so that their locations can be recorded.
 * Failures are remembered for `--failed`.
 */
export async function* settledTransfers<R extends TransferRequest>(
  here: Repository,
  uuid: Uuid,
  direction: 'retrieve' | 'store',
  requests: AsyncIterable<R>,
  context: TransferContext<R>,
  { window, gate, move }: Mover<R>,
): AsyncGenerator<TransferResult<R>> {
  const journal = createTransferJournal(here, uuid, direction);
  const results = concurrently(requests, window, async (request): Promise<TransferResult<R> | undefined> => {
    const run = async (): Promise<TransferResult<R> | undefined> => {
      if (context.signal.aborted) return undefined;
      context.onStart?.(request);
      return { request, ok: true, moved: await move(request, context) };
    };
    try {
      return await gate.run(run);
    } catch (error) {
      const known = asAnnexError(error, 'internal');
      return known.code === 'interrupted' ? undefined : { request, ok: false, error: known };
    }
  });
  const weigh = (result: TransferResult<R> | undefined) =>
    result?.ok ? (keySize(result.request.key) ?? 0) : 0;
  for await (const batch of inBatches(results, { ...SHARED_BARRIER, linger: LINGER[direction], weigh })) {
    const done = batch.filter((result) => result !== undefined);
    for (const result of done) journal(result);
    const arrived = direction === 'retrieve' && done.some((result) => result.ok && result.moved);
    if (arrived) await here.objects.barrier();
    yield* done;
    context.signal.throwIfAborted();
  }
  context.signal.throwIfAborted();
}
