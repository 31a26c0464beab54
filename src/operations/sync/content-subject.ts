import { isClusterUuid, type Uuid } from '../../domain/uuid.js';
import { presentLocations } from '../../domain/logs/location-log.js';
import type { ByteString } from '../../lib/bytes.js';
import { type ClusterNodes, withClusterPlaces } from '../../planning/cluster-places.js';
import type { LoggedItem } from '../transfer/with-logs.js';

/** One content on its way through a pass. */
export interface Subject {
  readonly item: LoggedItem;
  /** The repositories and clusters that have it: first as recorded, then as the pass changes it. */
  readonly present: Set<Uuid>;
  /** Whether it is here, really. */
  here: boolean;
  /** Where it came during the pass: there it stays for now. */
  readonly arrived: Set<Uuid>;
  /** Whether it was counted by the user's limits; undefined: not asked yet. */
  admitted: boolean | undefined;
}

export function createSubject(item: LoggedItem, here: boolean, clusters: ClusterNodes): Subject {
  const present = withClusterPlaces(presentLocations(item.log), clusters);
  return { item, present, here, arrived: new Set(), admitted: undefined };
}

/** The same content, to try out what would happen to it. */
export function copyOfSubject({ item, present, here }: Subject): Subject {
  return { item, present: new Set(present), here, arrived: new Set(), admitted: true };
}

/** A location log that says where the content is by now. Clusters are never in one. */
export function presentLog({ present }: Subject): ByteString {
  let log = '';
  for (const uuid of present) if (!isClusterUuid(uuid)) log += `0s 1 ${uuid}\n`;
  return log as ByteString;
}
