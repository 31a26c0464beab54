import type { SafeDropProof } from '../../domain/drop-proof.js';
import { AnnexError } from '../../domain/errors.js';
import type { Key } from '../../domain/key.js';
import { createFeed } from '../../lib/feed.js';
import { inBatches, streamOf } from '../../lib/in-batches.js';
import { produce } from '../../lib/produce.js';
import { askTimestamp, type ClientSession, readOutcome } from '../../protocol/client.js';
import { recordOthers } from '../record-locations.js';
import type { RemovalContext } from '../remote.js';
import { converse, type Dialogue } from './ask-ahead.js';
import type { P2pParts } from './parts.js';
import { workThrough } from './work-through.js';

export interface Removal {
  readonly key: Key;
  readonly proof: SafeDropProof;
}

export interface Removed {
  readonly key: Key;
  readonly error: AnnexError | undefined;
}

/** Removals that are announced together, before the first of them is asked for. */
const TOGETHER = { items: 1000, linger: 5 };
/** Milliseconds that a proof must still hold for a server that can't be told until when. */
const MARGIN = 60_000;

/** Removes contents. The server is told until when the proof holds, by its own clock. */
export async function* removeAll(
  parts: P2pParts,
  requests: AsyncIterable<Removal>,
  context: RemovalContext,
): AsyncGenerator<Removed> {
  for await (const batch of inBatches(requests, TOGETHER)) {
    context.signal.throwIfAborted();
    await context.onRemoving?.(batch.map(({ key }) => key));
    yield* produce<Removed>(context.signal, TOGETHER.items, (emit, signal) =>
      removeBatch(parts, batch, emit, signal),
    );
    context.signal.throwIfAborted();
  }
}

async function removeBatch(
  parts: P2pParts,
  batch: readonly Removal[],
  emit: (removed: Removed) => Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  const feed = createFeed(streamOf(batch), batch.length);
  const window = parts.windows.removals;
  await workThrough({
    ...parts,
    feed,
    window,
    signal,
    jobs: 1,
    async talk(connection) {
      const { session } = connection;
      const clock = batch.some(({ proof }) => proof.expires !== undefined)
        ? await readClock(session).catch((error: unknown) => ({ error }))
        : undefined;
      if (clock !== undefined && 'error' in clock) return noClock(feed.take(), clock.error);
      return converse(connection, feed, removing(parts, clock, emit), window);
    },
    leave: async () => false,
    fail: ({ key }, error) => emit({ key, error }),
  });
}

function noClock(at: Removal | undefined, error: unknown) {
  const unsettled = at === undefined ? [] : [at];
  return { answered: 0, answeredAhead: 0, broken: { error, at, ahead: false, unsettled } };
}

function removing(
  { here, identity }: P2pParts,
  clock: Clock | undefined,
  emit: (removed: Removed) => Promise<unknown>,
): Dialogue<Removal> {
  return {
    expected: () => 0,
    async ask({ wire, version }, { key, proof }) {
      const left = proof.expires === undefined ? undefined : proof.expires - performance.now();
      if (left !== undefined && left <= (version >= 3 ? 0 : MARGIN)) {
        await emit({ key, error: expired() });
        return false;
      }
      if (proof.expires === undefined || clock === undefined) await wire.send({ name: 'REMOVE', key });
      else await wire.send({ name: 'REMOVE-BEFORE', time: clock.theirs(proof.expires), key });
      return true;
    },
    async answer(session, { key }) {
      const { error, also } = await readAnswer(session);
      await recordOthers(here, key, identity.uuid, also, 'absent');
      await emit({ key, error });
    },
  };
}

/** Why it was not removed, and other repositories that it was removed from, some of them perhaps although it failed. */
async function readAnswer(
  session: ClientSession,
): Promise<{ readonly error: AnnexError | undefined; readonly also: readonly string[] }> {
  try {
    const { success, also } = await readOutcome(session);
    const error = success ? undefined : new AnnexError('locked', 'the remote did not remove the content');
    return { error, also };
  } catch (error) {
    if (error instanceof AnnexError && error.code === 'remote-refused') return { error, also: [] };
    throw error;
  }
}

function expired(): AnnexError {
  return new AnnexError(
    'copies-insufficient',
    'The proof that enough other copies exist is not, or no longer, valid.',
  );
}

/** The server's monotonic clock, as far as it is known. */
interface Clock {
  /** The server's second at a moment (`performance.now()`) of ours, or one before it. */
  theirs(moment: number): number;
}

/** Undefined: the server does not tell its time. */
async function readClock(session: ClientSession): Promise<Clock | undefined> {
  if (session.version < 3) return undefined;
  const theirs = await askTimestamp(session);
  // It was read before it came: by now their clock shows the same or more.
  const ours = performance.now();
  return { theirs: (moment) => Math.max(0, Math.floor(theirs + (moment - ours) / 1000)) };
}
