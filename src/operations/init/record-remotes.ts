import type { ByteString } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';

/**
 * Looks at the remotes of a repository that has just become an annex and records their uuids, so that a drive that is
 * away later is known all the same.
 * @param near only those on this machine: the command that is to follow asks the others when it uses them
 * @param onIgnored told why a remote is not used from now on (`annex-ignore`)
 */
export async function recordRemotes(
  repository: Repository,
  openRepository: (path: ByteString) => Promise<Repository>,
  near = false,
  onIgnored: (text: string) => void = () => undefined,
): Promise<void> {
  const { listRemotes } = await import('../../remotes/list/list-remotes.js');
  const warn = (text: string): void => {
    if (text.includes('setting annex-ignore')) onIgnored(text);
  };
  await listRemotes(repository, { openRepository, warn, near });
}
