import { AnnexError } from '../../domain/errors.js';
import { keySize } from '../../domain/key.js';
import { concurrently } from '../../lib/concurrently.js';
import type { ParallelRequests } from '../../planning/parallel-requests.js';
import type { Repository } from '../../repository/repository.js';
import { openOutgoing } from '../exchange/outgoing.js';
import { asAnnexError } from '../local-git/system-errors.js';
import { recordOthers } from '../record-locations.js';
import type { ExamineRequest, Remote, TransferContext, TransferRequest } from '../remote.js';
import type { RemoteIdentity } from '../unreachable-remote.js';
import type { AnnexApi } from './annex-api.js';
import { parsePresent } from './answers.js';
import { askForContent, restOf, writeScratch } from './download.js';
import { createGate } from './gate.js';
import { holdLock } from './hold-lock.js';
import { MOST_REQUESTS } from './open-http.js';
import { createRemoval } from './removal.js';
import { createRetrieval } from './retrieve-content.js';
import { settledTransfers } from './settled-transfers.js';
import { upload } from './upload.js';

export interface AnnexHttpOptions {
  readonly identity: RemoteIdentity;
  readonly here: Repository;
  readonly api: AnnexApi;
  /** Whether content from there is checked (`annex-verify`). */
  readonly verify: boolean;
  /** Transfers or questions at the same time; may change when the server is known better. */
  readonly requests: () => number;
  /** Told what becomes of requests. */
  readonly parallel: ParallelRequests;
  readonly close: () => void;
}

/** Locks on contents of a server that copes with many: each keeps a connection open. */
const MOST_LOCKS = 50;

/** A repository behind a server of the P2P protocol over HTTP. Nothing is asked before it is needed. */
export function createAnnexHttpRemote(options: AnnexHttpOptions): Remote {
  const { identity, here, api, parallel } = options;
  const { uuid } = identity;
  const gate = createGate(options.requests);
  const window = MOST_REQUESTS;
  let locks = 0;

  const retrieveOne = createRetrieval({
    here,
    uuid,
    verify: options.verify,
    async ask(key, asked) {
      const body = await askForContent(api, key, asked);
      const rest = restOf(key, asked.offset);
      if (body.length === undefined || body.length === (rest ?? body.length)) return body;
      body.response.discard();
      // What is here from before may not be the beginning of what is there.
      if (asked.offset > 0) return undefined;
      throw new AnnexError('content-corrupt', 'the remote has content of another size');
    },
  });

  async function storeOne<R extends TransferRequest>(
    request: R,
    context: TransferContext<R>,
  ): Promise<boolean> {
    const { key, file } = request;
    const outgoing = await openOutgoing(here, { key, to: uuid, file });
    try {
      const onBytes = (bytes: number) => context.onProgress?.(request, bytes);
      const onResume = (bytes: number) => context.onResume?.(request, bytes);
      const { moved, plusUuids } = await upload(api, {
        key,
        file,
        outgoing,
        onBytes,
        onResume,
        signal: context.signal,
      });
      await recordOthers(here, key, uuid, plusUuids, 'present');
      return moved;
    } finally {
      outgoing.close();
    }
  }

  async function examineOne(request: ExamineRequest, signal: AbortSignal): Promise<void> {
    const body = await askForContent(api, request.key, { offset: 0, file: undefined, signal });
    await writeScratch(request, body);
  }

  /** Learns from what becomes of a request how many the server copes with. */
  async function learning<T>(bytes: number | undefined, ask: () => Promise<T>): Promise<T> {
    parallel.began(bytes);
    try {
      const answer = await ask();
      parallel.answered();
      return answer;
    } catch (error) {
      const { code } = asAnnexError(error, 'internal');
      if (code === 'remote-unavailable' || code === 'connection-lost') parallel.failed();
      throw error;
    }
  }
  const move =
    (one: typeof storeOne): typeof storeOne =>
    (request, context) =>
      learning(keySize(request.key), () => one(request, context));

  return {
    ...identity,
    retrieve: (requests, context) =>
      settledTransfers(here, uuid, 'retrieve', requests, context, { window, gate, move: move(retrieveOne) }),
    store: (requests, context) =>
      settledTransfers(here, uuid, 'store', requests, context, { window, gate, move: move(storeOne) }),

    async *examine(requests, context) {
      for await (const request of requests) {
        context.signal.throwIfAborted();
        const failure = await examineOne(request, context.signal).catch(failed);
        if (failure instanceof AnnexError) yield { request, file: undefined, error: failure };
        else yield { request, file: request.scratch, error: undefined };
      }
    },

    async *remove(requests, context) {
      const remove = createRemoval(api, context.signal);
      for await (const { key, proof } of requests) {
        context.signal.throwIfAborted();
        await context.onRemoving?.([key]);
        const others = await remove(key, proof).catch(failed);
        if (others instanceof AnnexError) yield { key, error: others };
        else {
          await recordOthers(here, key, uuid, others, 'absent');
          yield { key, error: undefined };
        }
      }
    },

    presence: (keys, { signal }) =>
      concurrently(keys, window, async (key) => {
        signal.throwIfAborted();
        const ask = async () => {
          const answer = await api.ask('checkpresent', [['key', key]], { signal });
          return parsePresent(await answer.text()) ? ('present' as const) : ('absent' as const);
        };
        return { key, presence: await gate.run(() => learning(0, ask)).catch(failed) };
      }),

    async lockContent(key) {
      const lock = await holdLock(api, uuid, key).catch(failed);
      if (lock === undefined || lock instanceof AnnexError) return lock;
      locks++;
      let held = true;
      return {
        ...lock,
        async release() {
          if (held) locks--;
          held = false;
          await lock.release();
        },
      };
    },
    // Each takes one of the server's workers, of which there may be two.
    freeLocks: () => Math.max(0, (api.manyAtOnce() ? MOST_LOCKS : 1) - locks),

    close: async () => options.close(),
  };
}

/** What went wrong with one key; an interruption ends everything. */
function failed(error: unknown): AnnexError {
  const known = asAnnexError(error, 'internal');
  if (known.code === 'interrupted') throw known;
  return known;
}
