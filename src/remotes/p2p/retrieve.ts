import { AnnexError } from '../../domain/errors.js';
import { type Key, keySize } from '../../domain/key.js';
import { createFeed } from '../../lib/feed.js';
import { inBatches } from '../../lib/in-batches.js';
import { produce } from '../../lib/produce.js';
import { type ClientSession, type ContentEnd, readContent } from '../../protocol/client.js';
import type { Message } from '../../protocol/message.js';
import { type Incoming, openIncoming } from '../exchange/incoming.js';
import { createTransferJournal } from '../exchange/transfer-journal.js';
import { asAnnexError } from '../local-git/system-errors.js';
import type { TransferContext, TransferRequest, TransferResult } from '../remote.js';
import { converse, type Dialogue } from './ask-ahead.js';
import { fitsConnection, isBulk } from './bulk.js';
import { createHeldTransfers, type MayBeHeld } from './held-transfers.js';
import type { P2pParts } from './parts.js';
import { workThrough } from './work-through.js';

/** One content to get. */
interface Wanted<R> extends MayBeHeld {
  readonly request: R;
  incoming: Incoming | undefined;
  /** Bytes that came on the connection of the moment. */
  received: number;
  /** Bytes that were asked for and have not come yet. */
  left: number;
  /** What was left of an attempt before has turned out wrong, so it was begun anew. */
  restarted: boolean;
}

/** Contents that share one barrier. */
const SHARED_BARRIER = { items: 1024, weight: 64 << 20 };
/** Milliseconds that contents wait for others to share it with: twice as long each time while many come. */
const LINGER = { shortest: 200, longest: 1600, many: 64 };
/** Requests read ahead, and results not taken yet. */
const AHEAD = 256;

/**
 * Gets contents into the local store, asking for many before the first has come. Those that arrived are made durable in
 * batches before they are told.
 */
export async function* retrieveAll<R extends TransferRequest>(
  parts: P2pParts,
  requests: AsyncIterable<R>,
  context: TransferContext<R>,
): AsyncGenerator<TransferResult<R>> {
  const { here, identity } = parts;
  const weigh = ({ request }: TransferResult<R>) => keySize(request.key) ?? 0;
  const journal = createTransferJournal(here, identity.uuid, 'retrieve');
  // What has arrived is told before the reason why nothing further does.
  let failure: { readonly error: unknown } | undefined;
  const results = produce<TransferResult<R>>(context.signal, AHEAD, (emit, signal) =>
    fetchAll(parts, requests, { ...context, signal }, emit).catch((error: unknown) => {
      failure = { error };
    }),
  );
  const limits = { ...SHARED_BARRIER, weigh, linger: LINGER.shortest };
  for await (const batch of inBatches(results, limits)) {
    limits.linger =
      batch.length < LINGER.many ? LINGER.shortest : Math.min(limits.linger * 2, LINGER.longest);
    if (batch.some(({ ok }) => ok)) await here.objects.barrier();
    for (const result of batch) journal(result);
    yield* batch;
  }
  if (failure !== undefined) throw (failure as { readonly error: unknown }).error;
  context.signal.throwIfAborted();
}

async function fetchAll<R extends TransferRequest>(
  parts: P2pParts,
  requests: AsyncIterable<R>,
  context: TransferContext<R>,
  emit: (result: TransferResult<R>) => Promise<unknown>,
): Promise<void> {
  const feed = createFeed(wanted(requests), AHEAD);
  /** The same content may be asked for twice: it comes once. */
  const underWay = new Map<Key, { readonly first: Wanted<R>; readonly twins: R[] }>();
  const held = createHeldTransfers(context.signal);

  async function settle({ request }: Wanted<R>, error: AnnexError | undefined): Promise<void> {
    const twins = underWay.get(request.key)?.twins ?? [];
    underWay.delete(request.key);
    for (const twin of twins) context.onStart?.(twin);
    for (const one of [request, ...twins])
      await emit(
        error === undefined
          ? { request: one, ok: true, moved: one === request }
          : { request: one, ok: false, error },
      );
  }
  async function leave(one: Wanted<R>): Promise<boolean> {
    const { incoming, received } = one;
    one.incoming = undefined;
    one.received = 0;
    expect(one, 0);
    one.cut = true;
    // Where the disk is full, the next attempt says so.
    await incoming?.leave().catch(() => undefined);
    return received > 0;
  }

  /** Bytes of all contents that were asked for and have not come yet. */
  let expected = 0;
  function expect(one: Wanted<R>, bytes: number): void {
    expected += bytes - one.left;
    one.left = bytes;
  }

  /** A content that is being sent to somebody looks as one that is missing. */
  const maybeHeld = (one: Wanted<R>, error: AnnexError | undefined): boolean =>
    error?.code === 'content-missing' && held.again(one);

  const dialogue: Dialogue<Wanted<R>> = {
    expected: ({ left }) => left,
    async ask({ wire }, one, ahead) {
      const { key, file } = one.request;
      const other = underWay.get(key);
      if (other !== undefined && other.first !== one) {
        other.twins.push(one.request);
        return false;
      }
      underWay.set(key, other ?? { first: one, twins: [] });
      await held.wait(one);
      try {
        one.incoming = await openIncoming(parts.here, {
          key,
          file,
          from: parts.identity.uuid,
          verify: parts.verify,
          ignoreReserve: context.ignoreReserve === true,
          waits: true,
          alsoExpected: expected,
        });
      } catch (error) {
        context.onStart?.(one.request);
        await settle(one, asAnnexError(error, 'internal'));
        return false;
      }
      expect(one, (keySize(key) ?? 0) - one.incoming.offset);
      const get: Message = { name: 'GET', offset: one.incoming.offset, file: file ?? key, key };
      await wire.send(get);
      if (ahead) await wire.send({ name: 'SUCCESS' });
      return true;
    },
    async answer(session, one, ahead) {
      context.onStart?.(one.request);
      const error = await receive(session, one, ahead, context, (bytes) =>
        expect(one, Math.max(0, one.left - bytes)),
      );
      expect(one, 0);
      if (error === 'again' || maybeHeld(one, error)) feed.giveBack([one]);
      else await settle(one, error);
    },
  };
  await workThrough({
    ...parts,
    feed,
    window: parts.windows.contents,
    signal: context.signal,
    talk(connection) {
      const fits = ({ request }: Wanted<R>) => fitsConnection(parts, connection, request.key);
      return converse(connection, feed, { ...dialogue, fits }, parts.windows.contents);
    },
    isBulk: ({ request }) => isBulk(parts, request.key),
    leave,
    fail: (one, error) => settle(one, error),
  });
}

async function* wanted<R>(requests: AsyncIterable<R>): AsyncGenerator<Wanted<R>> {
  for await (const request of requests)
    yield { request, incoming: undefined, received: 0, left: 0, restarted: false, cut: false, pause: 0 };
}

/** Gives why it could not be kept; `again`: what was there before was wrong, and is gone. */
async function receive<R extends TransferRequest>(
  session: ClientSession,
  one: Wanted<R>,
  ahead: boolean,
  context: TransferContext<R>,
  onBytes: (bytes: number) => void,
): Promise<AnnexError | 'again' | undefined> {
  const { request, incoming } = one;
  if (incoming === undefined) throw new AnnexError('internal', 'an answer without a request');
  incoming.begin();
  let at = incoming.offset;
  if (at > 0) one.cut = true;
  if (at > 0) context.onResume?.(request, at);
  let end: ContentEnd;
  try {
    end = await readContent(session, {
      key: request.key,
      offset: incoming.offset,
      write(bytes) {
        const written = incoming.write(bytes);
        at += bytes.length;
        one.received += bytes.length;
        onBytes(bytes.length);
        const noted = context.onProgress?.(request, at);
        return noted === undefined ? written : noted.then(() => written);
      },
    });
  } catch (error) {
    if (!(error instanceof AnnexError) || error.code !== 'remote-refused') throw error;
    // What was written ahead does not fit this answer.
    if (ahead) throw new AnnexError('protocol', error.message, { cause: error });
    await incoming.leave();
    one.incoming = undefined;
    return error;
  }
  one.incoming = undefined;
  const reason = await keep(incoming, end, request.key, one.restarted).catch((error: unknown) =>
    asAnnexError(error, 'internal'),
  );
  if (reason === 'again') one.restarted = true;
  if (!ahead) await session.wire.send({ name: reason === undefined ? 'SUCCESS' : 'FAILURE' });
  return reason;
}

async function keep(
  incoming: Incoming,
  { length, valid, failure }: ContentEnd,
  key: Key,
  restarted: boolean,
): Promise<AnnexError | 'again' | undefined> {
  if (failure !== undefined) {
    await incoming.leave().catch(() => undefined);
    return asAnnexError(failure.error, 'internal');
  }
  const complete = incoming.offset === keySize(key);
  if (length === 0 && (valid === false || (valid === undefined && !complete))) {
    await incoming.leave();
    return new AnnexError('content-missing', 'the remote does not have the content, or cannot send it now');
  }
  if (valid === false) {
    await incoming.discard();
    return new AnnexError('content-modified', 'the content changed while the remote sent it');
  }
  if (await incoming.admit()) return undefined;
  if (incoming.offset > 0 && !restarted) return 'again';
  return new AnnexError('content-corrupt', 'verification of content failed');
}
