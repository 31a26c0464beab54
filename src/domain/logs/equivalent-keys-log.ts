import type { ByteString } from '../../lib/bytes.js';
import type { Key } from '../key.js';
import { parseKey } from '../key.js';
import type { VectorClock } from '../vector-clock.js';
import { appendPresence, parsePresenceLog } from './presence-log.js';

/** The keys whose content may stand for a VURL key, by its `.log.ek`. */
export function parseEquivalentKeys(content: ByteString): Key[] {
  const keys: Key[] = [];
  for (const { info, state } of parsePresenceLog(content).values()) {
    const key = state === '1' ? parseKey(info) : undefined;
    if (key !== undefined) keys.push(key);
  }
  return keys;
}

/** The content after adding an equivalent key. */
export function addEquivalentKey(content: ByteString, key: Key, now: VectorClock): ByteString {
  return appendPresence(content, key, '1', now);
}
