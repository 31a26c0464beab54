import type { ByteString } from '../../lib/bytes.js';
import type { Uuid } from '../uuid.js';
import type { VectorClock } from '../vector-clock.js';
import type { MetadataValues } from './metadata-log.js';
import { changeMetadata, parseMetadata } from './metadata-log.js';

/** The metadata that one remote keeps about a key in its `.log.rmet`: values by field. */
export function parseRemoteMetadata(content: ByteString, uuid: Uuid): Map<ByteString, readonly ByteString[]> {
  const own = new Map<ByteString, readonly ByteString[]>();
  for (const [name, values] of parseMetadata(content).fields) {
    if (name.startsWith(`${uuid}:`)) own.set(name.slice(uuid.length + 1) as ByteString, values);
  }
  return own;
}

/** The content after a change to one remote's metadata. */
export function changeRemoteMetadata(
  content: ByteString,
  uuid: Uuid,
  changes: ReadonlyMap<ByteString, MetadataValues>,
  now: VectorClock,
): ByteString {
  const prefixed = [...changes].map(([name, values]) => [`${uuid}:${name}` as ByteString, values] as const);
  return changeMetadata(content, new Map(prefixed), now);
}
