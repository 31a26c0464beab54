import { locationLogPath } from '../../domain/hash-directories.js';
import type { Key } from '../../domain/key.js';
import { presentLocations } from '../../domain/logs/location-log.js';
import type { Uuid } from '../../domain/uuid.js';
import { planContent, readBranchChanges } from '../../planning/sync-content.js';
import type { Repository } from '../../repository/repository.js';
import { changedPaths, type ContentState } from './content-changes.js';
import { writeContentRecord } from './content-record.js';

/** A remote that a pass over all content worked with, and in which directions. */
export interface SettledRemote {
  readonly uuid: Uuid;
  readonly get: boolean;
  readonly send: boolean;
}

/**
 * Records that all content is in step with some remotes. The pass has seen the repository in `state`; what happened on the
 * git-annex branch since, by its own doing or others', counts as seen too if it leaves nothing to do.
 */
export async function recordSettled(
  repository: Repository,
  remotes: readonly SettledRemote[],
  state: ContentState,
  choices: string,
): Promise<void> {
  const now = await repository.branch.tip();
  const branch =
    now !== undefined && (await settledSince(repository, remotes, state, now)) ? now : state.branch;
  for (const { uuid } of remotes) {
    writeContentRecord(repository.annexDir, uuid, { branch, tree: state.tree, choices });
  }
}

async function settledSince(
  repository: Repository,
  remotes: readonly SettledRemote[],
  state: ContentState,
  now: ContentState['branch'],
): Promise<boolean> {
  const changes = readBranchChanges(await changedPaths(repository.git, state.branch, now));
  if (changes.kind === 'rules') return false;
  const keys = [...changes.keys];
  const sources = remotes.filter(({ get }) => get).map(({ uuid }) => uuid);
  const destinations = remotes.filter(({ send }) => send).map(({ uuid }) => uuid);
  let at = 0;
  for await (const { content } of repository.branch.readMany(keys.map(locationLogPath))) {
    const { from, to } = planContent({
      here: repository.objects.locate(keys[at++] as Key) !== undefined,
      present: new Set(presentLocations(content)),
      sources,
      destinations,
      wantedHere: true,
      wantedBy: () => true,
    });
    if (from.length + to.length > 0) return false;
  }
  return true;
}
