import { locationLogPath } from '../../domain/hash-directories.js';
import type { Key } from '../../domain/key.js';
import { presentLocations, setLocation } from '../../domain/logs/location-log.js';
import type { PresenceState } from '../../domain/logs/presence-log.js';
import { type Uuid, isClusterUuid } from '../../domain/uuid.js';
import type { AnnexBranch } from './annex-branch.js';
import type { LogClock } from './log-clock.js';

/** That a repository has a key's content (`1`), has it not (`0`), or never will (`X`). */
export interface LocationChange {
  readonly key: Key;
  readonly uuid: Uuid;
  readonly state: PresenceState;
}

/** Who has what, as the location logs say. */
export interface LocationTracking {
  /** Journals any number of changes with one lock. Clusters are never recorded: they hold nothing themselves. */
  record(changes: readonly LocationChange[]): Promise<void>;
  /** The repositories that have each key, in the order asked, pipelined. */
  locations(
    keys: AsyncIterable<Key> | Iterable<Key>,
  ): AsyncIterable<{ readonly key: Key; readonly uuids: readonly Uuid[] }>;
}

export function createLocationTracking(branch: AnnexBranch, clock: LogClock): LocationTracking {
  return {
    async record(changes) {
      const now = clock.now();
      const kept = changes.filter(({ uuid }) => !isClusterUuid(uuid));
      await branch.change(
        kept.map(({ key, uuid, state }) => ({
          path: locationLogPath(key),
          change: (content) => setLocation(content, uuid, state, now),
          about: uuid,
        })),
      );
    },
    async *locations(keys) {
      const asked: Key[] = [];
      let next = 0;
      async function* paths(): AsyncGenerator<ReturnType<typeof locationLogPath>> {
        for await (const key of keys) {
          asked.push(key);
          yield locationLogPath(key);
        }
      }
      for await (const { content } of branch.readMany(paths())) {
        const key = asked[next++] as Key;
        if (next > 1024) {
          asked.splice(0, next);
          next = 0;
        }
        yield { key, uuids: presentLocations(content) };
      }
    },
  };
}
