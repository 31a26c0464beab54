import { AnnexError } from '../../domain/errors.js';
import type { Uuid } from '../../domain/uuid.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import { askTimestamp, type ClientSession, greet } from '../../protocol/client.js';
import type { RemoteIdentity } from '../unreachable-remote.js';
import type { Channel, OpenChannel } from './channel.js';

/** A connection on which the greetings are over. */
export interface Connection {
  readonly session: ClientSession;
  /** Whether it was made for large contents. */
  readonly bulk: boolean;
  /** Whether it was idle before: it may have died since. */
  used: boolean;
  /** Why it ended, as far as that is known. */
  lost(): Promise<string | undefined>;
  close(): void;
}

/** The connections to one remote. */
export interface Connections {
  /**
   * One that nobody uses, or a new one. Throws `remote-unavailable` and `remote-uuid-mismatch`.
   * @param bulk for large contents, where there are connections for these
   */
  take(bulk?: boolean): Promise<Connection>;
  /** Whether there are connections for large contents. */
  readonly offersBulk: boolean;
  /**
   * Back for others; nothing may be unanswered on it.
   * @param unheard whether the last that was said has no answer, so that nobody knows yet whether it got there
   */
  give(connection: Connection, unheard?: boolean): void;
  /** Those that nobody uses. */
  idle(): number;
  /** Has so many made ready that nobody uses, without waiting for them. None is tried again after a failure. */
  prepare(count: number): void;
  /** Resolves when all that was said has got there. */
  close(): Promise<void>;
}

export interface ConnectionsOptions {
  readonly identity: RemoteIdentity;
  readonly openChannel: OpenChannel;
  /** Opens one on which much data costs less; the other is used instead where that does not work. */
  readonly openBulk?: OpenChannel | undefined;
  /** Gateways that a cluster should not go through. */
  readonly bypass?: readonly Uuid[] | undefined;
}

export function createConnections(options: ConnectionsOptions): Connections {
  const idle: Connection[] = [];
  const open = new Set<Connection>();
  let coming = 0;
  let noMore = false;
  let { openBulk } = options;
  let closings = 0;
  const unheard = new WeakSet<Connection>();

  async function make(bulk: boolean): Promise<Connection> {
    const connection: Connection = await connect(options, bulk ? openBulk : undefined, () => {
      open.delete(connection);
    });
    open.add(connection);
    return connection;
  }
  async function makeBulk(): Promise<Connection> {
    try {
      return await make(true);
    } catch {
      openBulk = undefined;
      return anIdle(false) ?? make(false);
    }
  }
  function anIdle(bulk: boolean): Connection | undefined {
    const fitting = idle.findLastIndex((one) => one.bulk === bulk);
    if (fitting < 0) return bulk ? undefined : idle.pop();
    return idle.splice(fitting, 1)[0];
  }
  async function makeReady(): Promise<void> {
    const before = closings;
    coming++;
    try {
      const connection = await make(false);
      connection.used = true;
      if (before === closings) idle.push(connection);
      else connection.close();
    } catch {
      noMore = true;
    } finally {
      coming--;
    }
  }
  return {
    async take(wanted = false) {
      const bulk = wanted && openBulk !== undefined;
      return anIdle(bulk) ?? (bulk ? makeBulk() : make(false));
    },
    get offersBulk() {
      return openBulk !== undefined;
    },
    give(connection, isUnheard = false) {
      connection.used = true;
      if (isUnheard) unheard.add(connection);
      if (open.has(connection)) idle.push(connection);
    },
    idle: () => idle.length,
    prepare(count) {
      while (!noMore && idle.length + coming < count) void makeReady();
    },
    async close() {
      closings++;
      const waiting = idle.filter((connection) => unheard.has(connection));
      idle.length = 0;
      for (const connection of open) if (!waiting.includes(connection)) connection.close();
      await Promise.all(
        waiting.map(async (connection) => {
          await soon(untilHeard(connection));
          connection.close();
        }),
      );
    },
  };
}

async function connect(
  { identity, openChannel, bypass }: ConnectionsOptions,
  openBulk: OpenChannel | undefined,
  onClose: () => void,
): Promise<Connection> {
  const { session, channel } = await openSession(identity.name, openBulk ?? openChannel, bypass);
  try {
    checkUuid(identity, session.uuid);
  } catch (error) {
    channel.close();
    throw error;
  }
  return {
    session,
    bulk: openBulk !== undefined,
    used: false,
    lost: () => soon(channel.lost()),
    close() {
      onClose();
      channel.close();
    },
  };
}

/** Opens a connection and greets the server, whoever it is. Throws `remote-unavailable`. */
export async function openSession(
  name: ByteString,
  openChannel: OpenChannel,
  bypass: readonly Uuid[] = [],
): Promise<{ readonly session: ClientSession; readonly channel: Channel }> {
  const channel = await openChannel();
  try {
    const { auth, behind } = channel;
    return {
      session: await greet(channel.wire, { bypass, ...(auth && { auth }), ...(behind && { behind }) }),
      channel,
    };
  } catch (error) {
    throw await unavailable(channel, name, error);
  }
}

function checkUuid({ name, uuid }: RemoteIdentity, found: ByteString): void {
  if (found === uuid) return;
  throw new AnnexError(
    'remote-uuid-mismatch',
    `remote ${toText(name)} now is another repository than the expected ${uuid}`,
    { hint: 'If that is right, correct or remove the setting annex-uuid of the remote.' },
  );
}

/** A conversation that did not come about: the remote can't be used. */
async function unavailable(channel: Channel, name: ByteString, error: unknown): Promise<unknown> {
  const lost = error instanceof AnnexError && error.code === 'connection-lost';
  const why = lost ? await soon(channel.lost()) : undefined;
  channel.close();
  if (!(error instanceof AnnexError)) return error;
  if (error.code === 'permission' && channel.auth !== undefined) {
    const hint = channel.auth.rejected;
    return new AnnexError('remote-unavailable', `remote ${toText(name)}: ${error.message}`, {
      hint,
      cause: error,
    });
  }
  return new AnnexError('remote-unavailable', `cannot talk to remote ${toText(name)}`, {
    hint: why ?? error.message,
    cause: error,
  });
}

/** Whatever the server answers, it has heard what was said before. Versions before 3 are not known to. */
async function untilHeard({ session }: Connection): Promise<undefined> {
  if (session.version >= 3) await askTimestamp(session).catch(() => undefined);
  return undefined;
}

/** Milliseconds for which the other side is waited for. */
const PATIENCE = 2000;

/** Somebody who says no more may still be there: then no reason is known. */
async function soon(answer: Promise<string | undefined>): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, PATIENCE, undefined);
  });
  return Promise.race([answer, over]).finally(() => clearTimeout(timer));
}
