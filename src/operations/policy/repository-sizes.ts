import { parseKeyFileName } from '../../domain/key.js';
import { keySize } from '../../domain/key.js';
import { presentLocations } from '../../domain/logs/location-log.js';
import { maxsizeLog, maxsizePath } from '../../domain/logs/maxsize-log.js';
import type { Uuid } from '../../domain/uuid.js';
import type { AnnexBranch } from '../../repository/branch/annex-branch.js';

const LOCATION_LOG = /^[0-9a-f]{3}\/[0-9a-f]{3}\/([^/]+)\.log$/;

/**
 * Bytes of content in each repository by the location logs, in one pass over the git-annex branch. Keys of unknown size
 * count as nothing.
 */
export async function repositorySizes(branch: AnnexBranch): Promise<Map<Uuid, number>> {
  const sizes = new Map<Uuid, number>();
  for await (const { path, content } of branch.readAll((name) => LOCATION_LOG.test(name))) {
    const key = parseKeyFileName(LOCATION_LOG.exec(path)?.[1] ?? '');
    const size = key === undefined ? undefined : keySize(key);
    if (size === undefined) continue;
    for (const uuid of presentLocations(content)) sizes.set(uuid, (sizes.get(uuid) ?? 0) + size);
  }
  return sizes;
}

/** The bytes that repositories may hold, where that is configured. */
export async function maximumSizes(branch: AnnexBranch): Promise<Map<Uuid, number>> {
  const log = maxsizeLog.parse(await branch.read(maxsizePath));
  return new Map([...log].map(([uuid, { value }]) => [uuid as string as Uuid, value]));
}
