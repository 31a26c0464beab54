import { AnnexError } from '../../domain/errors.js';
import { parseUuid, type Uuid } from '../../domain/uuid.js';
import { createFeed, type Feed } from '../../lib/feed.js';
import { produce } from '../../lib/produce.js';
import { type ClientSession, readOutcome, readPutAnswer, sendContent } from '../../protocol/client.js';
import { type Outgoing, openOutgoing } from '../exchange/outgoing.js';
import { createTransferJournal } from '../exchange/transfer-journal.js';
import { asAnnexError } from '../local-git/system-errors.js';
import { recordOthers } from '../record-locations.js';
import type { TransferContext, TransferRequest, TransferResult } from '../remote.js';
import type { ConversationEnd } from './ask-ahead.js';
import { fitsConnection, isBulk } from './bulk.js';
import type { Connection } from './connections.js';
import { createHeldTransfers, type MayBeHeld } from './held-transfers.js';
import type { P2pParts } from './parts.js';
import { workThrough } from './work-through.js';

/** One content to send. */
interface Offer<R> extends MayBeHeld {
  readonly request: R;
  outgoing: Outgoing | undefined;
  /** Bytes that the server had when it was offered last. */
  kept: number | undefined;
  /** Whether these were more than the time before. */
  grew: boolean;
}

/** Requests read ahead, and results not taken yet. */
const AHEAD = 64;

/** Sends contents. The next one is offered along with the last bytes of the one before, so that each costs one round trip. */
export async function* storeAll<R extends TransferRequest>(
  parts: P2pParts,
  requests: AsyncIterable<R>,
  context: TransferContext<R>,
): AsyncGenerator<TransferResult<R>> {
  const journal = createTransferJournal(parts.here, parts.identity.uuid, 'store');
  const results = produce<TransferResult<R>>(context.signal, AHEAD, (emit, signal) =>
    sendAll(parts, requests, { ...context, signal }, emit),
  );
  for await (const result of results) {
    journal(result);
    yield result;
  }
  context.signal.throwIfAborted();
}

async function sendAll<R extends TransferRequest>(
  parts: P2pParts,
  requests: AsyncIterable<R>,
  context: TransferContext<R>,
  emit: (result: TransferResult<R>) => Promise<unknown>,
): Promise<void> {
  const feed = createFeed(offers(requests), AHEAD);
  const settle = async (offer: Offer<R>, end: StoreEnd): Promise<void> => {
    close(offer);
    const { request } = offer;
    if (end instanceof AnnexError) await emit({ request, ok: false, error: end });
    else await emit({ request, ok: true, ...end });
  };
  const window = parts.windows.offers;
  const held = createHeldTransfers(context.signal);
  await workThrough({
    ...parts,
    feed,
    window,
    signal: context.signal,
    talk: (connection) =>
      offerAll({ parts, connection, feed, context, settle, held, overlap: () => window.size > 1 }),
    async leave(offer) {
      const { grew, kept } = offer;
      offer.grew = false;
      close(offer);
      // git-annex's server asks for the content, and ends the connection when it finds the transfer lock held.
      if (grew || (kept !== undefined && held.again(offer))) return true;
      offer.cut = true;
      return false;
    },
    fail: settle,
    isBulk: ({ request }) => isBulk(parts, request.key),
  });
}

async function* offers<R>(requests: AsyncIterable<R>): AsyncGenerator<Offer<R>> {
  for await (const request of requests)
    yield { request, outgoing: undefined, kept: undefined, grew: false, cut: false, pause: 0 };
}

function close<R>(offer: Offer<R>): void {
  offer.outgoing?.close();
  offer.outgoing = undefined;
}

/** What became of an offer. `also`: other repositories that have it now. */
type StoreEnd = { readonly moved: boolean; readonly also?: readonly Uuid[] } | AnnexError;

interface Talk<R extends TransferRequest> {
  readonly parts: P2pParts;
  readonly connection: Connection;
  readonly feed: Feed<Offer<R>>;
  readonly context: TransferContext<R>;
  readonly settle: (offer: Offer<R>, end: StoreEnd) => Promise<void>;
  readonly held: ReturnType<typeof createHeldTransfers>;
  /** Whether an offer may be made before the one before is settled. */
  readonly overlap: () => boolean;
}

async function offerAll<R extends TransferRequest>(talk: Talk<R>): Promise<ConversationEnd<Offer<R>>> {
  const { connection, settle, parts } = talk;
  const { session } = connection;
  let current: Offer<R> | undefined;
  let next: Offer<R> | undefined;
  let ahead = false;
  let answered = 0;
  let answeredAhead = 0;
  try {
    for (;;) {
      current = next ?? (await offer(talk, true));
      ahead = next !== undefined;
      next = undefined;
      if (current === undefined) return { answered, answeredAhead, broken: undefined };
      talk.context.onStart?.(current.request);
      const note = (also: readonly string[]) =>
        recordOthers(parts.here, (current as Offer<R>).request.key, parts.identity.uuid, also, 'present');
      const end = await send(session, current, talk.context, note, async () => {
        if (talk.overlap()) next = await offer(talk, false);
      });
      answered++;
      if (ahead) answeredAhead++;
      parts.windows.offers.answered();
      const done = current;
      current = undefined;
      if (end === 'refused' && talk.held.again(done)) {
        close(done);
        talk.feed.giveBack([done]);
      } else await settle(done, end === 'refused' ? notStored() : end);
    }
  } catch (error) {
    const unsettled = [current, next].filter((one) => one !== undefined);
    const at = current ?? next;
    return { answered, answeredAhead, broken: { error, at, ahead: ahead || next !== undefined, unsettled } };
  }
}

/** Offers the next content that can be sent; undefined: none is there, and with `wait` none will be on this connection. */
async function offer<R extends TransferRequest>(
  { parts, connection, feed, context, settle, held }: Talk<R>,
  wait: boolean,
): Promise<Offer<R> | undefined> {
  for (;;) {
    const next = feed.peek();
    if (next !== undefined && !fitsConnection(parts, connection, next.request.key)) return undefined;
    const found = feed.take();
    if (found === undefined) {
      if (!wait || feed.ended) return undefined;
      await feed.ready();
      continue;
    }
    const { key, file } = found.request;
    await held.wait(found);
    try {
      found.outgoing = await openOutgoing(parts.here, { key, to: parts.identity.uuid, file });
    } catch (error) {
      context.onStart?.(found.request);
      await settle(found, asAnnexError(error, 'internal'));
      continue;
    }
    // A connection that is gone shows when the answer is read.
    await connection.session.wire.send({ name: 'PUT', file: file ?? key, key }).catch(() => undefined);
    return found;
  }
}

/**
 * `refused`: it was not even asked for, as where somebody sends it already.
 * @param note told of other repositories that have it now, also when not all went well
 * @param onSent called when all was said of this content, before the answer is read
 */
async function send<R extends TransferRequest>(
  session: ClientSession,
  offer: Offer<R>,
  { onProgress, onResume }: TransferContext<R>,
  note: (also: readonly string[]) => Promise<void>,
  onSent: () => Promise<void>,
): Promise<StoreEnd | 'refused'> {
  const { outgoing, request } = offer;
  if (outgoing === undefined) throw new AnnexError('internal', 'an answer without an offer');
  try {
    const answer = await readPutAnswer(session);
    if (answer.kind === 'refused') return 'refused';
    if (answer.kind === 'there') {
      await note(answer.also);
      return withAlso(false, answer.also);
    }
    offer.grew = offer.kept !== undefined && answer.offset > offer.kept;
    offer.kept = answer.offset;
    if (answer.offset > 0) onResume?.(request, Math.min(answer.offset, outgoing.size));
    const onBytes = onProgress && ((bytes: number) => onProgress(request, bytes));
    const unchanged = await sendContent(session, outgoing, answer.offset, onBytes);
    await onSent();
    const { success, also } = await readOutcome(session);
    await note(also);
    if (success) return withAlso(true, also);
    if (!unchanged)
      return new AnnexError('content-modified', 'the content was modified while it was being sent');
    return notStored();
  } catch (error) {
    if (error instanceof AnnexError && error.code === 'remote-refused') return error;
    throw error;
  }
}

function withAlso(moved: boolean, said: readonly string[]): StoreEnd {
  const also = said.flatMap((word) => parseUuid(word) ?? []);
  return also.length === 0 ? { moved } : { moved, also };
}

function notStored(): AnnexError {
  return new AnnexError('remote-refused', 'the remote did not store the content');
}
