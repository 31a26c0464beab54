import type { Key } from '../domain/key.js';
import type { Uuid } from '../domain/uuid.js';
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
