import type { AnnexError } from '../domain/errors.js';
import type { Uuid } from '../domain/uuid.js';
import type { ByteString } from '../lib/bytes.js';
import type { Remote } from './remote.js';

/** What is known of a remote without reaching it. */
export interface RemoteIdentity {
  readonly name: ByteString;
  readonly uuid: Uuid;
  readonly cost: number;
  readonly readonly: boolean;
}

/** A remote that is configured but can't be used now: every request fails with the reason. */
export function createUnreachableRemote(identity: RemoteIdentity, reason: AnnexError): Remote {
  return {
    ...identity,
    async *retrieve(requests) {
      for await (const request of requests) yield { request, ok: false, error: reason };
    },
    async *store(requests) {
      for await (const request of requests) yield { request, ok: false, error: reason };
    },
    async *remove(requests) {
      for await (const { key } of requests) yield { key, error: reason };
    },
    async *presence(keys) {
      for await (const key of keys) yield { key, presence: reason };
    },
    lockContent: async () => reason,
    close: async () => undefined,
  };
}
