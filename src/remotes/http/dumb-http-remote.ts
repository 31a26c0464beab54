import { AnnexError } from '../../domain/errors.js';
import { objectPath } from '../../domain/hash-directories.js';
import { type Key, keySize } from '../../domain/key.js';
import { concurrently } from '../../lib/concurrently.js';
import type { Repository } from '../../repository/repository.js';
import { asAnnexError } from '../local-git/system-errors.js';
import type { Presence, Remote } from '../remote.js';
import type { RemoteIdentity } from '../unreachable-remote.js';
import { encodePath } from './annex-url.js';
import { writeScratch } from './download.js';
import { createGate } from './gate.js';
import type { HttpResponse } from './http-client.js';
import { httpRefusal } from './http-failures.js';
import { createRetrieval } from './retrieve-content.js';
import { settledTransfers } from './settled-transfers.js';
import type { WebRequests } from './web-requests.js';

export interface DumbHttpOptions {
  readonly identity: RemoteIdentity;
  readonly here: Repository;
  /** The git directory's url, without user info. */
  readonly url: string;
  readonly web: WebRequests;
  /** Whether content from there is checked (`annex-verify`). */
  readonly verify: boolean;
  /** Requests at the same time. */
  readonly window: number;
  readonly close: () => void;
}

type HashDirectories = Parameters<typeof objectPath>[1];

/** A git repository on a plain web server: its contents can be had, and nothing else. */
export function createDumbHttpRemote(options: DumbHttpOptions): Remote {
  const { identity, here, web, window } = options;
  const { uuid } = identity;
  const gate = createGate(() => window);
  /** Bare repositories have one kind of directories, others the other; what worked is tried first. */
  let order: readonly HashDirectories[] = ['lower', 'mixed'];

  async function ask(
    method: 'GET' | 'HEAD',
    key: Key,
    more: { readonly headers?: { readonly [name: string]: string }; readonly signal: AbortSignal },
  ): Promise<HttpResponse | undefined> {
    for (const kind of order) {
      const response = await web.send(method, `${options.url}/annex/objects/${urlPath(key, kind)}`, more);
      if (response.status === 200 || response.status === 206) {
        if (order[0] !== kind) order = [...order].reverse();
        return response;
      }
      response.discard();
      if (response.status === 416) return response;
      if (response.status !== 404 && response.status !== 410)
        throw httpRefusal(new URL(response.url).host, response.status);
    }
    return undefined;
  }

  async function presenceOf(key: Key, signal: AbortSignal): Promise<Presence> {
    const response = await ask('HEAD', key, { signal });
    if (response === undefined) return 'absent';
    response.discard();
    const length = lengthOf(response);
    const size = keySize(key);
    return length !== undefined && size !== undefined && length !== size ? 'absent' : 'present';
  }

  const retrieveOne = createRetrieval({
    here,
    uuid,
    verify: options.verify,
    async ask(key, { offset, signal }) {
      const headers: { [name: string]: string } = offset === 0 ? {} : { Range: `bytes=${offset}-` };
      const response = await ask('GET', key, { headers, signal });
      if (response === undefined) throw missing();
      if (goesOn(response, offset)) return { response, length: lengthOf(response) };
      response.discard();
      if (offset > 0) return undefined;
      throw new AnnexError('protocol', 'the server gave another part of the content');
    },
  });

  return {
    ...identity,
    retrieve: (requests, context) =>
      settledTransfers(here, uuid, 'retrieve', requests, context, { window, gate, move: retrieveOne }),

    async *store(requests) {
      const error = new AnnexError('read-only', 'copying to this remote is not supported');
      for await (const request of requests) yield { request, ok: false, error };
    },

    async *examine(requests, { signal }) {
      for await (const request of requests) {
        signal.throwIfAborted();
        try {
          const response = await ask('GET', request.key, { signal });
          if (response === undefined) throw missing();
          await writeScratch(request, { response, length: lengthOf(response) });
          yield { request, file: request.scratch, error: undefined };
        } catch (error) {
          yield { request, file: undefined, error: asAnnexError(error, 'internal') };
        }
      }
    },

    async *remove(requests) {
      const error = new AnnexError('read-only', 'dropping content from this remote is not supported');
      for await (const { key } of requests) yield { key, error };
    },

    presence: (keys, { signal }) =>
      concurrently(keys, window, async (key) => ({
        key,
        presence: await presenceOf(key, signal).catch((error: unknown) => {
          signal.throwIfAborted();
          return asAnnexError(error, 'internal');
        }),
      })),

    locksNothing: true,
    lockContent: async () =>
      new AnnexError('remote-refused', 'content on a plain web server cannot be kept from being dropped'),

    close: async () => options.close(),
  };
}

function urlPath(key: Key, kind: HashDirectories): string {
  // A key's file name may have what only looks percent-encoded.
  return encodePath(objectPath(key, kind).replaceAll('%', '%25') as Key);
}

/** Whether the answer is what comes after the first `offset` bytes. */
function goesOn(response: HttpResponse, offset: number): boolean {
  if (offset === 0) return response.status === 200;
  return response.status === 206 && response.header('content-range')?.startsWith(`bytes ${offset}-`) === true;
}

function lengthOf(response: HttpResponse): number | undefined {
  const value = response.header('content-length');
  return value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}

function missing(): AnnexError {
  return new AnnexError('content-missing', 'the remote does not have the content');
}
