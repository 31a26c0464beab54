import { existsSync } from 'node:fs';
import { toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';

/** Whether a merge has begun and is not committed. */
export function mergeInProgress({ location }: Pick<Repository, 'location'>): boolean {
  return existsSync(toPath(`${location.gitDir}/MERGE_HEAD` as ByteString));
}
