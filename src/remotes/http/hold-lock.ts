import type { Key } from '../../domain/key.js';
import type { Uuid } from '../../domain/uuid.js';
import { createAsyncQueue } from '../../lib/async-queue.js';
import { settledWithin } from '../../lib/settled-within.js';
import type { RemoteContentLock } from '../remote.js';
import type { AnnexApi } from './annex-api.js';
import { parseLocked, parsePresent } from './answers.js';

/** Milliseconds for which a server keeps content locked for a client that vanished. */
const RETENTION = 600_000;
/** Milliseconds between signs of life. */
const REMINDER = 60_000;
/** Milliseconds that a server may take to say that it has let go. */
const ENDING = 30_000;

/** A lock that may also be left to run out on its own. */
export interface HttpContentLock extends RemoteContentLock {
  abandon(): Promise<void>;
}

/**
 * Locks content on a server; undefined when it is absent there or being dropped. The lock is kept by a request that stays open
 * until it is released.
 */
export async function holdLock(api: AnnexApi, uuid: Uuid, key: Key): Promise<HttpContentLock | undefined> {
  // A server of git-annex 10.20250416 loses one of its workers with each lock that it refuses.
  const present = await api.ask('checkpresent', [['key', key]]);
  if (!parsePresent(await present.text())) return undefined;
  const asked = performance.now();
  const answer = await api.ask('lockcontent', [['key', key]]);
  const lockId = parseLocked(await answer.text());
  if (lockId === undefined) return undefined;
  return { uuid, expires: asked + RETENTION, ...keepLocked(api, lockId) };
}

/** Gives what ends the lock; it does not throw, since content that stays locked a while longer is no failure. */
function keepLocked(api: AnnexApi, lockId: string): Pick<HttpContentLock, 'release' | 'abandon'> {
  const gone = new AbortController();
  const lines = createAsyncQueue<Uint8Array>();
  const say = (unlock: boolean) => void lines.push(Buffer.from(`${JSON.stringify({ unlock })}\n`));
  const reminder = setInterval(() => say(false), REMINDER);
  reminder.unref();
  say(false);
  const answer = api
    .ask('keeplocked', [['lockid', lockId as never]], {
      headers: {
        'Content-Type': 'application/json;charset=utf-8',
        'Keep-Alive': 'timeout=1200',
      },
      body: () => lines,
      patience: 0,
      signal: gone.signal,
    })
    .then((response) => response.text())
    .catch(() => undefined);
  async function end(): Promise<void> {
    clearInterval(reminder);
    lines.end();
    // A server that does not hear of it lets go of the content by itself, later.
    if (!(await settledWithin(answer, ENDING))) gone.abort();
  }
  return {
    async release() {
      say(true);
      await end();
    },
    async abandon() {
      gone.abort();
      await end();
    },
  };
}
