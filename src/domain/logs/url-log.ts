import type { ByteString } from '../../lib/bytes.js';
import type { VectorClock } from '../vector-clock.js';
import { appendPresence, parsePresenceLog, setPresence } from './presence-log.js';

/** The urls of a key by its `.log.web`: those that are registered and not removed, in byte order. */
export function parseUrlLog(content: ByteString): ByteString[] {
  const urls: ByteString[] = [];
  for (const { info, state } of parsePresenceLog(content).values()) if (state === '1') urls.push(info);
  return urls.sort();
}

/** The content after registering a url. A new one is put at the end without compacting the log, as git-annex does. */
export function addUrl(content: ByteString, url: ByteString, now: VectorClock): ByteString {
  return appendPresence(content, url, '1', now);
}

/** The content after removing a url; the same content when it is not registered. */
export function removeUrl(content: ByteString, url: ByteString, now: VectorClock): ByteString {
  return parsePresenceLog(content).get(url)?.state === '1' ? setPresence(content, url, '0', now) : content;
}
