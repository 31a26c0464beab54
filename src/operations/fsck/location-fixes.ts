import type { Key } from '../../domain/key.js';
import { setLocation } from '../../domain/logs/location-log.js';
import type { PresenceState } from '../../domain/logs/presence-log.js';
import type { Uuid } from '../../domain/uuid.js';
import type { AnnexBranch } from '../../repository/branch/annex-branch.js';
import { createLocationTracking } from '../../repository/branch/location-tracking.js';
import { createLogClock } from '../../repository/branch/log-clock.js';
import type { Check } from './check.js';

/** What is found out about where contents are, on its way to the location logs. */
export interface LocationFixes {
  /** Brings a check's log to what earlier checks of this run found. */
  apply(check: Check): void;
  /** Corrects the check's log, and the branch's before long. */
  fix(check: Check, state: PresenceState): void;
  /** Journals them when there are many. */
  checkpoint(): Promise<void>;
  flush(): Promise<void>;
}

/** Corrections that are journalled together. A crash before that loses nothing: the next fsck finds them again. */
const TOGETHER = 500;

export function createLocationFixes(branch: AnnexBranch, uuid: Uuid): LocationFixes {
  const clock = createLogClock();
  const tracking = createLocationTracking(branch, clock);
  const found = new Map<Key, PresenceState>();
  let waiting: { key: Key; uuid: Uuid; state: PresenceState }[] = [];

  async function flush(): Promise<void> {
    const changes = waiting;
    waiting = [];
    if (changes.length > 0) await tracking.record(changes);
  }
  return {
    apply(check) {
      const state = found.get(check.key);
      if (state !== undefined) check.log = setLocation(check.log, uuid, state, clock.now());
    },
    fix(check, state) {
      found.set(check.key, state);
      check.log = setLocation(check.log, uuid, state, clock.now());
      waiting.push({ key: check.key, uuid, state });
    },
    async checkpoint() {
      if (waiting.length >= TOGETHER) await flush();
    },
    flush,
  };
}
