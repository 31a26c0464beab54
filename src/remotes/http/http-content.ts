import { AnnexError } from '../../domain/errors.js';
import type { Key } from '../../domain/key.js';
import type { Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import { plainly } from '../../protocol/outcome.js';
import type { OpenContent, ReceiveAnswer, ServedContent } from '../../protocol/served-content.js';
import type { AnnexApi } from './annex-api.js';
import { parsePresent, parseRemoved, parseTimestamp } from './answers.js';
import { askForContent, restOf } from './download.js';
import { createGate, type Gate } from './gate.js';
import { holdLock } from './hold-lock.js';
import { asUnreachable, notTheClients } from './http-failures.js';
import { httpReception } from './http-reception.js';
import { offsetThere } from './upload.js';

export interface HttpContentOptions {
  readonly uuid: Uuid;
  readonly api: AnnexApi;
  /** Seconds of this machine's monotonic clock, by which clients are answered. */
  readonly clock: () => number;
  /** Requests and transfers at the same time; others wait. */
  readonly requests: () => number;
  /** Locks at the same time; more are refused. */
  readonly locks: () => number;
  /** Hears of gateways that the client does not want to be led through. */
  readonly bypass: (uuids: readonly ByteString[]) => void;
}

/** The oldest version with `remove-before` and `gettimestamp`. */
const SINCE = 3;
/** Seconds that must be left for a removal from a server which can't be told until when. */
const MARGIN = 60;

/** A repository behind an http server, for clients of another one: what they send goes on as it comes. */
export function httpContent(options: HttpContentOptions): ServedContent {
  const { uuid, api, clock } = options;
  const gate = createGate(options.requests);
  let locks = 0;

  async function removalBefore(key: Key, before: number) {
    const theirs = await api
      .ask('gettimestamp', [], { since: SINCE })
      .then((answer) => answer.text())
      .then(parseTimestamp);
    const left = Math.floor(before - clock());
    if (left <= 0) return undefined;
    return api.ask('remove-before', [
      ['timestamp', theirs + left],
      ['key', key],
    ]);
  }
  async function remove(key: Key, before: number | undefined) {
    await settle(api, key);
    const knowsTime = api.version() >= SINCE;
    if (before !== undefined && !knowsTime && before - clock() < MARGIN) return plainly(false);
    const answer = await (before !== undefined && knowsTime
      ? removalBefore(key, before)
      : api.ask('remove', [['key', key]]));
    if (answer === undefined) return plainly(false);
    const { removed, plusUuids } = parseRemoved(await answer.text());
    return { success: removed, also: plusUuids };
  }

  return {
    uuid,
    bypass: options.bypass,
    now: () => Math.floor(clock()),
    present: (key) => notTheClients(gate.run(() => present(api, key))),
    remove: (key, before) => notTheClients(gate.run(() => remove(key, before))),
    async lock(key) {
      if (locks >= options.locks()) return undefined;
      locks++;
      const freed = once(() => locks--);
      const lock = await notTheClients(holdLock(api, uuid, key)).catch((error: unknown) => {
        freed();
        throw error;
      });
      if (lock === undefined) freed();
      return (
        lock && { release: () => lock.release().finally(freed), abandon: () => lock.abandon().finally(freed) }
      );
    },
    async open(key, offset, file) {
      const done = await enter(gate);
      try {
        const open = await notTheClients(openThere(api, key, offset, file, done));
        if (open === undefined) done();
        return open;
      } catch (error) {
        done();
        throw error;
      }
    },
    async receive(key, file): Promise<ReceiveAnswer> {
      const done = await enter(gate);
      try {
        const { offset, plusUuids } = await notTheClients(offsetThere(api, key, NEVER));
        if (offset !== undefined)
          return { kind: 'wanted', reception: httpReception({ api, key, file, offset, done }) };
        done();
        return { kind: 'there', also: plusUuids };
      } catch (error) {
        done();
        throw error;
      }
    },
  };
}

const NEVER = new AbortController().signal;

/** Which version the server speaks is known afterwards. */
async function settle(api: AnnexApi, key: Key): Promise<void> {
  if (!api.settled()) await present(api, key);
}

async function present(api: AnnexApi, key: Key): Promise<boolean> {
  return parsePresent(await (await api.ask('checkpresent', [['key', key]])).text());
}

/** @param done to be called when it is closed */
async function openThere(
  api: AnnexApi,
  key: Key,
  offset: number,
  file: ByteString,
  done: () => void,
): Promise<OpenContent | undefined> {
  const asked = { offset, file: file === '' ? undefined : file, signal: NEVER };
  const body = await askForContent(api, key, asked).catch((error: unknown) => {
    if (error instanceof AnnexError && error.code === 'content-missing') return undefined;
    throw error;
  });
  if (body === undefined) return undefined;
  const { response } = body;
  const length = body.length ?? restOf(key, offset);
  if (length === undefined) {
    response.discard();
    throw new AnnexError('protocol', 'the server does not tell how long the content is');
  }
  let left = length;
  let ended = false;
  return {
    length,
    /** The last piece is kept back until the end is seen: a body of another length says that the content was changed. */
    async *pieces() {
      let last: Uint8Array | undefined;
      for await (const bytes of translated(response.body)) {
        left -= bytes.length;
        if (left < 0) throw new AnnexError('protocol', 'the server sent more than it promised');
        if (last !== undefined) yield last;
        last = bytes;
      }
      ended = true;
      if (left === 0 && last !== undefined) yield last;
    },
    unchanged: async () => left === 0 && (ended || length === 0),
    async close() {
      if (!ended) response.discard();
      done();
    },
  };
}

async function* translated(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw asUnreachable(error);
  }
}

/** Waits for a turn; gives what ends it. */
function enter(gate: Gate): Promise<() => void> {
  return new Promise((entered) => void gate.run(() => new Promise<void>((leave) => entered(leave))));
}

function once(action: () => void): () => void {
  let done = false;
  return () => {
    if (!done) action();
    done = true;
  };
}
