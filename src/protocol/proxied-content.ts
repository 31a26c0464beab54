import { AnnexError } from '../domain/errors.js';
import type { Key } from '../domain/key.js';
import { ascii, type ByteString } from '../lib/bytes.js';
import {
  askTimestamp,
  type ClientSession,
  readDataLength,
  readOutcome,
  readPutAnswer,
  readValidity,
  readYesOrNo,
} from './client.js';
import { plainly } from './outcome.js';
import type { OpenContent, Reception, ServedContent } from './served-content.js';

/** A connection to the repository that is proxied for. It ends in one of the two ways. */
export interface NodeConnection {
  readonly session: ClientSession;
  /**
   * Nothing is unanswered on it: others may use it.
   * @param unheard whether the last that was said has no answer
   */
  give(unheard?: boolean): void;
  /** It can't be used any more. */
  drop(): void;
}

export interface ProxiedOptions {
  readonly uuid: ByteString;
  readonly connect: () => Promise<NodeConnection>;
  /** Seconds of this machine's monotonic clock, by which clients are answered. */
  readonly clock: () => number;
  /** Hears of gateways that the client does not want to be led through. */
  readonly bypass?: (uuids: readonly ByteString[]) => void;
}

/** Seconds that must be left for a removal from a repository which can't be told until when. */
const MARGIN = 60;

/** A repository that is reached by the P2P protocol, for clients of another one: what they send goes on as it comes. */
export function proxiedContent({ uuid, connect, clock, bypass }: ProxiedOptions): ServedContent {
  /** One request and its answer. After a refusal the connection goes on; after all else it does not. */
  async function ask<T>(request: (session: ClientSession) => Promise<T>): Promise<T> {
    const connection = await connect();
    try {
      const answer = await request(connection.session);
      connection.give();
      return answer;
    } catch (error) {
      throw endAfter(connection, error);
    }
  }

  return {
    uuid,
    ...(bypass && { bypass }),
    now: () => Math.floor(clock()),
    present: (key) =>
      ask(async (session) => {
        await session.wire.send({ name: 'CHECKPRESENT', key });
        return readYesOrNo(session);
      }),
    remove: (key, before) =>
      ask(async (session) => {
        if (before === undefined) await session.wire.send({ name: 'REMOVE', key });
        else if (!(await askToRemoveBefore(session, key, before, clock))) return plainly(false);
        return readOutcome(session);
      }),
    async lock(key) {
      const connection = await connect();
      try {
        const { session } = connection;
        await session.wire.send({ name: 'LOCKCONTENT', key });
        if (!(await readYesOrNo(session))) {
          connection.give();
          return undefined;
        }
      } catch (error) {
        throw endAfter(connection, error);
      }
      return {
        async release() {
          await connection.session.wire.send({ name: 'UNLOCKCONTENT' });
          connection.give(true);
        },
        abandon: async () => connection.drop(),
      };
    },
    async open(key, offset, file) {
      const connection = await connect();
      try {
        return await openThere(connection, key, offset, file);
      } catch (error) {
        throw endAfter(connection, error);
      }
    },
    arrived: (key) =>
      ask(async (session) => {
        const { wire, version } = session;
        if (version >= 4) {
          await wire.send({ name: 'PUT', file: ascii(''), key });
          const answer = await readPutAnswer(session);
          if (answer.kind === 'there') return { success: true, also: answer.also };
          if (answer.kind === 'wanted') {
            await wire.send({ name: 'DATA-PRESENT' });
            return readOutcome(session);
          }
        }
        await wire.send({ name: 'CHECKPRESENT', key });
        return plainly(await readYesOrNo(session));
      }),
    async receive(key, file) {
      const connection = await connect();
      try {
        await connection.session.wire.send({ name: 'PUT', file, key });
        const answer = await readPutAnswer(connection.session);
        if (answer.kind === 'wanted')
          return { kind: 'wanted', reception: receptionThere(connection, answer.offset) };
        connection.give();
        return answer;
      } catch (error) {
        throw endAfter(connection, error);
      }
    },
  };
}

/** Gives what to throw: that the other connection was lost must not be taken for the client's. */
function endAfter(connection: NodeConnection, error: unknown): unknown {
  if (error instanceof AnnexError && error.code === 'remote-refused') {
    connection.give();
    return error;
  }
  connection.drop();
  if (!(error instanceof AnnexError) || error.code !== 'connection-lost') return error;
  return new AnnexError('remote-unavailable', 'the repository behind this gateway closed the connection', {
    cause: error,
  });
}

/** The proof's end by the other machine's clock. False: it is over, or as good as over. */
async function askToRemoveBefore(
  session: ClientSession,
  key: Key,
  before: number,
  clock: () => number,
): Promise<boolean> {
  const { wire, version } = session;
  if (version < 3) {
    if (before - clock() < MARGIN) return false;
    await wire.send({ name: 'REMOVE', key });
    return true;
  }
  // Theirs is read before ours, so that what is left is never taken for more than it is.
  const theirs = await askTimestamp(session);
  const left = Math.floor(before - clock());
  if (left <= 0) return false;
  await wire.send({ name: 'REMOVE-BEFORE', time: theirs + left, key });
  return true;
}

async function openThere(
  connection: NodeConnection,
  key: Key,
  offset: number,
  file: ByteString,
): Promise<OpenContent | undefined> {
  const { session } = connection;
  const { wire, version } = session;
  const answerClient = async (received: boolean) => {
    await wire.send({ name: received ? 'SUCCESS' : 'FAILURE' });
    connection.give();
  };
  await wire.send({ name: 'GET', offset, file, key });
  const length = await readDataLength(session);
  let valid = length > 0 || version < 1 ? undefined : await readValidity(wire);
  if (valid === false) {
    await answerClient(false);
    return undefined;
  }
  let left = length;
  return {
    length,
    async *pieces() {
      for await (const piece of wire.data(length)) {
        left -= piece.length;
        yield piece;
      }
    },
    async unchanged() {
      if (version < 1) return true;
      valid ??= await readValidity(wire);
      return valid;
    },
    async close(received) {
      const done = left === 0 && (valid !== undefined || version < 1);
      if (done && received !== undefined) await answerClient(received);
      else connection.drop();
    },
  };
}

function receptionThere(connection: NodeConnection, offset: number): Reception {
  const { session } = connection;
  const { wire, version } = session;
  return {
    offset,
    begin: (length) => wire.send({ name: 'DATA', length }),
    write: (bytes) => wire.sendData(bytes),
    async finish(confirmed = true) {
      try {
        if (version >= 1) await wire.send({ name: confirmed ? 'VALID' : 'INVALID' });
        else if (!confirmed)
          throw new AnnexError('content-modified', 'the content changed while it was sent');
        const outcome = await readOutcome(session);
        connection.give();
        return outcome;
      } catch (error) {
        throw endAfter(connection, error);
      }
    },
    // Only the end of the connection tells that there is no more to come.
    discard: async () => connection.drop(),
    leave: async () => connection.drop(),
  };
}
