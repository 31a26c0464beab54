import type { Key } from '../domain/key.js';
import type { Uuid } from '../domain/uuid.js';
import { createLocationTracking } from '../repository/branch/location-tracking.js';
import { createLogClock } from '../repository/branch/log-clock.js';
import type { Repository } from '../repository/repository.js';

/** Journals in a repository that another (or itself) has contents or has them not: one lock for all. */
export async function recordLocations(
  here: Pick<Repository, 'branch' | 'objects' | 'uuid'>,
  keys: readonly Key[],
  uuid: Uuid,
  state: 'present' | 'absent',
): Promise<void> {
  if (keys.length === 0) return;
  const tracking = createLocationTracking(here.branch, createLogClock());
  await tracking.record(keys.map((key) => ({ key, uuid, state: state === 'present' ? '1' : '0' })));
  if (uuid === here.uuid) here.objects.recorded(keys);
}
