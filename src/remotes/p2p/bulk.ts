import { type Key, keySize } from '../../domain/key.js';
import type { Connection } from './connections.js';
import type { P2pParts } from './parts.js';

/** Whether a content is worth a connection for large ones. */
export function isBulk({ bulkFrom }: P2pParts, key: Key): boolean {
  return (keySize(key) ?? 0) >= bulkFrom;
}

/** False for a large content that goes over another connection, when this one is done. */
export function fitsConnection(parts: P2pParts, connection: Connection, key: Key): boolean {
  return connection.bulk || !parts.connections.offersBulk || !isBulk(parts, key);
}
