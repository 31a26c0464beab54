import type { Key } from '../domain/key.js';
import type { Repository } from '../repository/repository.js';
import type { Limits } from './limits.js';
import { keysOf, type ShellRequest } from './request.js';
import { withRepository } from './with-repository.js';

/** It cannot be told whether the content will be there a moment later. */
const UNSURE = 100;

/** Exit code 0 when all keys' contents are here, 1 when one is not, 100 when one is being dropped. */
export async function inAnnex(request: ShellRequest, directory: string, limits: Limits): Promise<number> {
  const keys = keysOf(request);
  return withRepository(request, directory, limits, async (repository) => {
    for (const key of keys) {
      const code = presence(repository, key);
      if (code !== 0) return code;
    }
    return 0;
  });
}

function presence({ objects }: Repository, key: Key): number {
  if (objects.locate(key) === undefined) return 1;
  const lock = objects.lockShared(key);
  if (lock === undefined) return objects.locate(key) === undefined ? 1 : UNSURE;
  lock.release();
  return 0;
}
