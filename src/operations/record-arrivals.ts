import { AnnexError } from '../domain/errors.js';
import type { ByteString } from '../lib/bytes.js';
import { recordLocations } from '../remotes/record-locations.js';
import { createLocationTracking } from '../repository/branch/location-tracking.js';
import { createLogClock } from '../repository/branch/log-clock.js';
import { type LeftArrivals, takeLeftArrivals } from '../repository/objects/arrivals.js';
import type { Repository } from '../repository/repository.js';

/**
 * Does what processes left when they were killed or their disk was full: records the locations of contents that came just
 * before, fills the unlocked files that want them, and puts git's index right.
 */
export async function finishLeft(here: Repository, folder: ByteString): Promise<void> {
  await recordLeftArrivals(here, folder);
  try {
    await here.unlocked.restageLeft();
  } catch {
    // Where nothing can be written `git status` goes on showing files as modified that are not.
  }
}

/** Records the locations of contents that came just before a process was killed or its disk was full. */
async function recordLeftArrivals(here: Repository, folder: ByteString): Promise<void> {
  try {
    for (const left of takeLeftArrivals(folder)) await recordOne(here, left);
  } catch (error) {
    // Nothing can be recorded now; the next one to open the repository tries again.
    if (!(error instanceof AnnexError)) throw error;
  }
}

async function recordOne(here: Repository, left: LeftArrivals): Promise<void> {
  const present = left.keys.filter((key) => here.objects.locate(key) !== undefined);
  const unlogged = [];
  const tracking = createLocationTracking(here.branch, createLogClock());
  for await (const { key, uuids } of tracking.locations(present)) {
    if (!uuids.includes(here.uuid)) unlogged.push(key);
  }
  await recordLocations(here, unlogged, here.uuid, 'present');
  for (const key of present) {
    const object = here.objects.locate(key);
    if (object !== undefined) await here.unlocked.populate(key, object);
  }
  await here.unlocked.flush();
  left.forget();
}
