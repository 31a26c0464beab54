import type { ByteString } from '../../lib/bytes.js';
import type { Outcome } from '../../protocol/outcome.js';

/**
 * The bodies of answers, byte for byte as git-annex prints them: no spaces, and the keys in its order. `plusuuids` names
 * further repositories that were reached; there are none without a cluster, but it is there from version 2 on.
 */
export function presentBody(present: boolean): string {
  return `{"present":${present}}`;
}

export function lockedBody(lockId: string | undefined): string {
  return lockId === undefined ? '{"locked":false}' : `{"locked":true,"lockid":"${lockId}"}`;
}

export function removedBody(version: number, { success, also }: Outcome): string {
  return `{${plus(version, also)}"removed":${success}}`;
}

export function storedBody(version: number, { success, also }: Outcome): string {
  return `{${plus(version, also)}"stored":${success}}`;
}

export function timestampBody(seconds: number): string {
  return `{"timestamp":${seconds}}`;
}

export function offsetBody(offset: number): string {
  return `{"offset":${offset}}`;
}

export function alreadyHaveBody(version: number, also: readonly ByteString[] = []): string {
  return version >= 2 ? `{"alreadyhave":true,"plusuuids":${JSON.stringify(also)}}` : '{"alreadyhave":true}';
}

function plus(version: number, also: readonly ByteString[]): string {
  return version >= 2 ? `"plusuuids":${JSON.stringify(also)},` : '';
}
