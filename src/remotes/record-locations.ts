import type { Key } from '../domain/key.js';
import { parseUuid, type Uuid } from '../domain/uuid.js';
import { createLocationTracking } from '../repository/branch/location-tracking.js';
import { createLogClock } from '../repository/branch/log-clock.js';
import type { Repository } from '../repository/repository.js';

const states = { present: '1', absent: '0', dead: 'X' } as const;

/**
 * Journals in a repository that another (or itself) has contents, has them not, or is not expected to have them again
 * (`dead`): one lock for all.
 */
export async function recordLocations(
  here: Pick<Repository, 'branch' | 'objects' | 'uuid'>,
  keys: readonly Key[],
  uuid: Uuid,
  state: keyof typeof states,
): Promise<void> {
  if (keys.length === 0) return;
  const tracking = createLocationTracking(here.branch, createLogClock());
  await tracking.record(keys.map((key) => ({ key, uuid, state: states[state] })));
  if (uuid === here.uuid) here.objects.recorded(keys);
}

/**
 * Journals what a remote says of other repositories: that a content came to them with the same request, or went. The remote's
 * own uuid is left to the caller, and more than a few are not believed.
 */
export async function recordOthers(
  here: Pick<Repository, 'branch'>,
  key: Key,
  remote: Uuid,
  others: readonly string[],
  state: 'present' | 'absent',
): Promise<void> {
  const uuids = new Set(others.slice(0, MOST_OTHERS).flatMap((one) => parseUuid(one) ?? []));
  uuids.delete(remote);
  if (uuids.size === 0) return;
  const tracking = createLocationTracking(here.branch, createLogClock());
  await tracking.record([...uuids].map((uuid) => ({ key, uuid, state: states[state] })));
}

/** Nodes of a cluster, by far. */
const MOST_OTHERS = 1000;
