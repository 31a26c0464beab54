import { AnnexError } from '../../domain/errors.js';
import type { Feed } from '../../lib/feed.js';
import { toText } from '../../lib/bytes.js';
import type { RequestWindow } from '../../planning/request-window.js';
import { asAnnexError } from '../local-git/system-errors.js';
import type { RemoteIdentity } from '../unreachable-remote.js';
import type { Break, ConversationEnd } from './ask-ahead.js';
import type { Connection, Connections } from './connections.js';

/** How a set of requests is worked through. */
export interface Work<Q> {
  readonly identity: RemoteIdentity;
  readonly connections: Connections;
  readonly feed: Feed<Q>;
  readonly window: RequestWindow;
  readonly jobs: number;
  readonly signal: AbortSignal;
  /** Talks on a connection until the feed has ended or the connection broke. */
  readonly talk: (connection: Connection) => Promise<ConversationEnd<Q>>;
  /** The connection is gone before the request was settled. True: something came of it, so that the next try does less. */
  readonly leave: (request: Q) => Promise<boolean>;
  readonly fail: (request: Q, error: AnnexError) => Promise<unknown>;
  /** Whether a request is one for a connection for large contents; default: none is. */
  readonly isBulk?: (request: Q) => boolean;
}

/** Lost connections in a row without anything having come of them, after which the remote is given up. */
const PATIENCE = 4;
/** Times that a request on its own may cost a connection. */
const TRIES = 2;

/**
 * Works through a feed on up to `jobs` connections. What a lost connection leaves unsettled is tried again on another one.
 * Throws `remote-unavailable` when there is none to be had; when the signal is aborted it ends without settling the rest.
 */
export async function workThrough<Q>(work: Work<Q>): Promise<void> {
  const { feed, signal } = work;
  const tries = new Map<Q, number>();
  await feed.ready();
  // The rest of what is at hand is fed within this turn: it tells how many connections are of use.
  await new Promise((resolve) => setImmediate(resolve));
  const count = Math.max(1, Math.min(work.jobs, feed.length));
  const lanes = Array.from({ length: count }, (_, lane) => inLane(work, tries, lane > 0));
  try {
    await Promise.all(lanes);
  } catch (error) {
    feed.stop();
    await Promise.allSettled(lanes);
    if (!signal.aborted) throw error;
  }
}

async function inLane<Q>(work: Work<Q>, tries: Map<Q, number>, extra: boolean): Promise<void> {
  const { connections, feed, signal, window } = work;
  let fruitless = 0;
  for (;;) {
    if (!signal.aborted) await feed.ready();
    if (signal.aborted || feed.ended) return;
    if (feed.length === 0) continue;
    const next = feed.peek();
    const bulk = next !== undefined && work.isBulk?.(next) === true;
    const connection = await takeConnection(connections, extra, bulk);
    if (connection === undefined) return;
    if (signal.aborted) {
      connections.give(connection);
      return;
    }
    const fresh = !connection.used;
    const cut = () => connection.close();
    signal.addEventListener('abort', cut, { once: true });
    const { answered, answeredAhead, broken } = await work.talk(connection);
    signal.removeEventListener('abort', cut);
    if (broken === undefined) {
      connections.give(connection);
      continue;
    }
    connection.close();
    const progress = await leaveAll(work, broken);
    if (signal.aborted) return;
    if (broken.at === undefined) throw broken.error;
    const giveBack = without(broken.unsettled, await blame(work, tries, broken, progress));
    feed.giveBack(giveBack);
    if (isBreak(broken.error)) window.broke(answeredAhead);
    if (answered > 0 || progress.size > 0) fruitless = 0;
    else if (fresh && isBreak(broken.error)) fruitless++;
    if (fruitless >= PATIENCE) throw await lostFor(work.identity, connection, broken.error);
  }
}

/** A connection more than one is welcome, but nothing fails for want of it. */
async function takeConnection(
  connections: Connections,
  extra: boolean,
  bulk: boolean,
): Promise<Connection | undefined> {
  try {
    return await connections.take(bulk);
  } catch (error) {
    if (extra) return undefined;
    throw error;
  }
}

async function leaveAll<Q>({ leave }: Work<Q>, { unsettled }: Break<Q>): Promise<Set<Q>> {
  const progress = new Set<Q>();
  for (const request of unsettled) if (await leave(request)) progress.add(request);
  return progress;
}

/** The request that is to blame for the break, if it is certain; it is settled then. */
async function blame<Q>(
  work: Work<Q>,
  tries: Map<Q, number>,
  { error, at, ahead }: Break<Q>,
  progress: ReadonlySet<Q>,
): Promise<Q | undefined> {
  if (at === undefined) return undefined;
  if (isBreak(error)) {
    if (ahead || progress.has(at)) return undefined;
    const count = (tries.get(at) ?? 0) + 1;
    tries.set(at, count);
    if (count < TRIES) return undefined;
    tries.delete(at);
  }
  await work.fail(at, asAnnexError(error, 'internal'));
  return at;
}

/** The other side went away, or makes no sense. */
function isBreak(error: unknown): boolean {
  return error instanceof AnnexError && (error.code === 'connection-lost' || error.code === 'protocol');
}

function without<Q>(requests: readonly Q[], one: Q | undefined): Q[] {
  return requests.filter((request) => request !== one);
}

/** That a remote can't be talked to, with what is known of the reason. */
export async function lostFor(
  { name }: RemoteIdentity,
  connection: Pick<Connection, 'lost'>,
  error: unknown,
): Promise<AnnexError> {
  const why = (await connection.lost()) ?? (error instanceof Error ? error.message : undefined);
  return new AnnexError('remote-unavailable', `lost the connection to remote ${toText(name)}`, {
    ...(why === undefined ? {} : { hint: why }),
    cause: error,
  });
}
