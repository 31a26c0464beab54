import { fromText } from '../lib/bytes.js';
import { openRepository } from '../operations/open-repository.js';
import { createContentHook } from '../operations/serve/content-hook.js';
import type { Repository } from '../repository/repository.js';
import type { Limits } from './limits.js';
import { checkUuid, type ShellRequest } from './request.js';

/**
 * Does something with the repository that a request is for, when it is the one that the client expects; afterwards the hook
 * `annex-content` runs if content came or went.
 * @param mayProxy whether the action looks itself whether the repository proxies for the one that is expected
 */
export async function withRepository(
  request: ShellRequest,
  directory: string,
  limits: Limits,
  action: (repository: Repository, changed: () => void) => Promise<number>,
  mayProxy = false,
): Promise<number> {
  const repository = await openRepository(fromText(directory), { autoInit: limits.access !== 'read' });
  const hook = createContentHook(repository.location);
  try {
    if (!mayProxy) checkUuid(request, repository.uuid);
    return await action(repository, hook.changed);
  } finally {
    await repository.close();
    await hook.run();
  }
}
