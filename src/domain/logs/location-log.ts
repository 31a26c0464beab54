import type { ByteString } from '../../lib/bytes.js';
import type { Uuid } from '../uuid.js';
import { isClusterUuid, parseUuid } from '../uuid.js';
import type { VectorClock } from '../vector-clock.js';
import type { PresenceState } from './presence-log.js';
import { parsePresenceLog, setPresence } from './presence-log.js';

/** What the location log says of one repository. */
export interface Location {
  readonly uuid: Uuid;
  readonly state: PresenceState;
  readonly clock: VectorClock;
}

/**
 * The newest statement of each repository in a location log (`TIMESTAMP STATE UUID` lines). Clusters are left out: they
 * never hold content themselves.
 */
export function parseLocationLog(content: ByteString): Location[] {
  const locations: Location[] = [];
  for (const line of parsePresenceLog(content).values()) {
    const uuid = parseUuid(line.info);
    if (uuid !== undefined && !isClusterUuid(uuid))
      locations.push({ uuid, state: line.state, clock: line.clock });
  }
  return locations;
}

/** The repositories that have the content, by a location log. */
export function presentLocations(content: ByteString): Uuid[] {
  const present: Uuid[] = [];
  for (const location of parseLocationLog(content)) if (location.state === '1') present.push(location.uuid);
  return present;
}

/** The state of one repository; undefined when the log does not know it. */
export function locationState(content: ByteString, uuid: Uuid): PresenceState | undefined {
  return content.includes(uuid) ? parsePresenceLog(content).get(uuid)?.state : undefined;
}

/** The content after recording that the repository has the content or not. The same content when nothing changes. */
export function setLocation(
  content: ByteString,
  uuid: Uuid,
  state: PresenceState,
  now: VectorClock,
): ByteString {
  return setPresence(content, uuid, state, now);
}
