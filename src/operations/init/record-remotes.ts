import type { ByteString } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';

/**
 * Looks at the remotes of a repository that has just become an annex and records their uuids, so that a drive that is
 * away later is known all the same.
 */
export async function recordRemotes(
  repository: Repository,
  openRepository: (path: ByteString) => Promise<Repository>,
): Promise<void> {
  const { listRemotes } = await import('../../remotes/list/list-remotes.js');
  await listRemotes(repository, { openRepository, warn: () => undefined });
}
