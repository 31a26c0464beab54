import { AnnexError } from '../../domain/errors.js';
import type { SafeDropProof } from '../../domain/drop-proof.js';
import type { Uuid } from '../../domain/uuid.js';
import {
  askTimestamp,
  type ClientSession,
  readContent,
  readOutcome,
  readPutAnswer,
  readYesOrNo,
  sendContent,
} from '../../protocol/client.js';
import type { Repository } from '../../repository/repository.js';
import { openIncoming } from '../exchange/incoming.js';
import { openOutgoing } from '../exchange/outgoing.js';
import { asAnnexError } from '../local-git/system-errors.js';
import type { Remote, TransferContext, TransferRequest } from '../remote.js';
import type { RemoteIdentity } from '../unreachable-remote.js';
import type { OpenChannel } from './channel.js';
import { createConnections } from './connections.js';

export interface P2pRemoteOptions {
  readonly identity: RemoteIdentity;
  readonly here: Repository;
  /** Opens a connection to the server; called again for more of them, and when one was lost. */
  readonly openChannel: OpenChannel;
  /** Whether content from there is checked (`annex-verify`). */
  readonly verify: boolean;
  /** Connections that work at the same time (`annex.jobs`); default 1. */
  readonly jobs?: number;
  /** Gateways that a cluster should not go through. */
  readonly bypass?: readonly Uuid[];
}

/** A repository that is reached by the P2P protocol. Nothing is opened before it is needed. */
export function createP2pRemote(options: P2pRemoteOptions): Remote {
  const { identity, here } = options;
  const connections = createConnections(options);

  async function talk<T>(work: (session: ClientSession) => Promise<T>): Promise<T | AnnexError> {
    const connection = await connections.take();
    try {
      const result = await work(connection.session);
      connections.give(connection);
      return result;
    } catch (error) {
      if (error instanceof AnnexError && error.code === 'remote-refused') connections.give(connection);
      else connection.close();
      return asAnnexError(error, 'internal');
    }
  }

  async function retrieveOne<R extends TransferRequest>(
    session: ClientSession,
    request: R,
    context: TransferContext<R>,
  ): Promise<void> {
    const { key, file } = request;
    const ignoreReserve = context.ignoreReserve === true;
    const { verify } = options;
    const incoming = await openIncoming(here, { key, from: identity.uuid, file, verify, ignoreReserve });
    await session.wire.send({ name: 'GET', offset: incoming.offset, file: file ?? key, key });
    let settled = false;
    try {
      const end = await readContent(session, { ...incoming, key });
      if (end.failure !== undefined) throw end.failure.error;
      settled = end.valid !== false;
      if (settled && (await incoming.admit())) {
        await session.wire.send({ name: 'SUCCESS' });
        return;
      }
      await session.wire.send({ name: 'FAILURE' });
      if (end.length === 0)
        throw new AnnexError('remote-refused', 'the remote does not have the content, or cannot send it');
      throw new AnnexError('remote-refused', 'verification of content failed');
    } finally {
      if (!settled) await incoming.leave();
    }
  }

  return {
    ...identity,
    async *retrieve(requests, context) {
      for await (const request of requests) {
        context.signal.throwIfAborted();
        context.onStart?.(request);
        const error = await talk((session) => retrieveOne(session, request, context));
        await here.objects.barrier();
        if (error === undefined) yield { request, ok: true, moved: true };
        else yield { request, ok: false, error };
      }
    },

    async *store(requests, context) {
      for await (const request of requests) {
        context.signal.throwIfAborted();
        context.onStart?.(request);
        const moved = await talk(async (session) => {
          const { key, file } = request;
          const outgoing = await openOutgoing(here, { key, to: identity.uuid, file });
          try {
            await session.wire.send({ name: 'PUT', file: file ?? key, key });
            const answer = await readPutAnswer(session);
            if (answer.kind === 'there') return false;
            if (answer.kind === 'refused')
              throw new AnnexError('remote-refused', 'the remote does not take the content now');
            await sendContent(session, outgoing, answer.offset);
            if ((await readOutcome(session)).success) return true;
            throw new AnnexError('remote-refused', 'the remote could not store the content');
          } finally {
            outgoing.close();
          }
        });
        if (moved instanceof AnnexError) yield { request, ok: false, error: moved };
        else yield { request, ok: true, moved };
      }
    },

    async *remove(requests, context) {
      for await (const { key, proof } of requests) {
        context.signal.throwIfAborted();
        await context.onRemoving?.([key]);
        const removed = await talk(async (session) => {
          const time = await removeBefore(session, proof);
          const { wire } = session;
          await wire.send(
            time === undefined ? { name: 'REMOVE', key } : { name: 'REMOVE-BEFORE', time, key },
          );
          return (await readOutcome(session)).success;
        });
        if (removed === true) yield { key, error: undefined };
        else if (removed !== false) yield { key, error: removed };
        else yield { key, error: new AnnexError('locked', 'the remote did not remove the content') };
      }
    },

    async *presence(keys, context) {
      for await (const key of keys) {
        context.signal.throwIfAborted();
        const present = await talk(async (session) => {
          await session.wire.send({ name: 'CHECKPRESENT', key });
          return readYesOrNo(session);
        });
        yield {
          key,
          presence: present instanceof AnnexError ? present : present ? 'present' : 'absent',
        };
      }
    },

    async lockContent(key) {
      const connection = await connections.take();
      const asked = performance.now();
      await connection.session.wire.send({ name: 'LOCKCONTENT', key });
      if (!(await readYesOrNo(connection.session))) {
        connections.give(connection);
        return undefined;
      }
      return {
        uuid: identity.uuid,
        expires: asked + RETENTION,
        async release() {
          await connection.session.wire.send({ name: 'UNLOCKCONTENT' });
          connections.give(connection);
        },
      };
    },

    close: async () => connections.close(),
  };
}

/** Milliseconds for which a server keeps content locked for a client that vanished. */
const RETENTION = 600_000;

/** Seconds of the server's clock at which a proof is void. */
async function removeBefore(session: ClientSession, proof: SafeDropProof): Promise<number | undefined> {
  if (proof.expires === undefined) return undefined;
  const theirs = await askTimestamp(session);
  return Math.floor(theirs + (proof.expires - performance.now()) / 1000);
}
