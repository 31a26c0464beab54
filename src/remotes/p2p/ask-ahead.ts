import type { ClientSession } from '../../protocol/client.js';
import type { RequestWindow } from '../../planning/request-window.js';
import type { Feed } from '../../lib/feed.js';
import { createWakeUp } from '../../lib/wake-up.js';
import type { Connection } from './connections.js';

/** One kind of request. What comes of it is handed on by its own means. */
export interface Dialogue<Q> {
  /**
   * Writes the request. False: nothing was written, and it is settled. What it throws ends the connection.
   * @param ahead whether the next request is written before this one is answered
   */
  ask(session: ClientSession, request: Q, ahead: boolean): Promise<boolean>;
  /** Reads the answer, and settles the request. What it throws ends the connection. */
  answer(session: ClientSession, request: Q, ahead: boolean): Promise<void>;
  /** Bytes that will come for it. */
  expected(request: Q): number;
  /** Whether it may be asked on this connection; where not, the conversation ends before it. Default: all may. */
  fits?(request: Q): boolean;
}

/** How a conversation ended. */
export interface ConversationEnd<Q> {
  /** Requests that were answered. */
  readonly answered: number;
  /** Those among them that were written ahead. */
  readonly answeredAhead: number;
  /** Undefined: all that was asked was answered. Else the connection can't be used any more. */
  readonly broken: Break<Q> | undefined;
}

export interface Break<Q> {
  readonly error: unknown;
  /** The request on which it broke. */
  readonly at: Q | undefined;
  /** Whether others were on their way with it. */
  readonly ahead: boolean;
  /** All that were not settled, in order. */
  readonly unsettled: readonly Q[];
}

/** Asked contents that are not here yet, in bytes, beyond which nothing further is asked. */
const EXPECTED = 8 << 20;

/** Asks one server for all of a feed, writing requests ahead as far as the window allows. */
export async function converse<Q>(
  connection: Connection,
  feed: Feed<Q>,
  dialogue: Dialogue<Q>,
  window: RequestWindow,
): Promise<ConversationEnd<Q>> {
  const { session } = connection;
  const asked: { readonly request: Q; readonly ahead: boolean; readonly bytes: number }[] = [];
  const room = createWakeUp();
  const work = createWakeUp();
  const over = createWakeUp();
  const stopped = over.wait();
  let writing: Q | undefined;
  let allAsked = false;
  let expected = 0;
  let answered = 0;
  let answeredAhead = 0;
  const state: { broken?: Omit<Break<Q>, 'unsettled'> } = {};

  const isFull = (ahead: boolean): boolean =>
    asked.length > 0 && (!ahead || asked.length >= window.size || expected >= EXPECTED);

  async function write(): Promise<void> {
    let ahead = false;
    while (state.broken === undefined) {
      if (asked.length === 0) ahead = window.size > 1;
      if (isFull(ahead)) {
        await room.wait();
        continue;
      }
      const next = feed.peek();
      if (next !== undefined && dialogue.fits?.(next) === false) break;
      writing = feed.take();
      if (writing === undefined) {
        if (feed.ended) break;
        await Promise.race([feed.ready(), stopped]);
        continue;
      }
      if (await dialogue.ask(session, writing, ahead)) {
        const bytes = dialogue.expected(writing);
        expected += bytes;
        asked.push({ request: writing, ahead, bytes });
        work.fire();
      }
      writing = undefined;
    }
    allAsked = true;
    work.fire();
  }

  async function read(): Promise<void> {
    while (state.broken === undefined) {
      const next = asked[0];
      if (next === undefined) {
        if (allAsked) return;
        await work.wait();
        continue;
      }
      await dialogue.answer(session, next.request, next.ahead);
      asked.shift();
      expected -= next.bytes;
      answered++;
      if (next.ahead) answeredAhead++;
      window.answered();
      room.fire();
    }
  }

  const breaks = (error: unknown, at: Q | undefined): void => {
    if (state.broken !== undefined) return;
    state.broken = { error, at, ahead: asked.some((one) => one.ahead) };
    connection.close();
    for (const wakeUp of [room, work, over]) wakeUp.fire();
  };
  await Promise.all([
    write().catch((error: unknown) => breaks(error, writing)),
    read().catch((error: unknown) => breaks(error, asked[0]?.request)),
  ]);
  const { broken } = state;
  if (broken === undefined) return { answered, answeredAhead, broken };
  const unsettled = asked.map(({ request }) => request);
  if (writing !== undefined) unsettled.push(writing);
  return { answered, answeredAhead, broken: { ...broken, unsettled } };
}
