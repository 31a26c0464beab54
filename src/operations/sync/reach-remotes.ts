import { AnnexError } from '../../domain/errors.js';
import type { GitOverSsh } from '../../remotes/ssh/git-over-ssh.js';
import type { Repository } from '../../repository/repository.js';
import { hasBranches, type SyncRemote } from './choose-remotes.js';

/**
 * Does something with remotes while git can reach them: those on servers over one connection each, which ends with the work
 * unless others use it.
 */
export async function whileReachable<T>(
  repository: Repository,
  remotes: readonly SyncRemote[],
  work: (remotes: SyncRemote[]) => Promise<T>,
): Promise<T> {
  const ways: GitOverSsh[] = [];
  try {
    return await work(
      await Promise.all(
        remotes.map(async (remote) => {
          const way = await wayTo(repository, remote);
          if (way === undefined) return remote;
          ways.push(way);
          return { ...remote, env: way.env };
        }),
      ),
    );
  } finally {
    await Promise.all(ways.map((way) => way.release()));
  }
}

/** Undefined where git needs nothing from us, or will itself say what is wrong with the url. */
async function wayTo(repository: Repository, remote: SyncRemote): Promise<GitOverSsh | undefined> {
  const { name, address } = remote;
  if (address.kind === 'p2p') return (await import('../../remotes/peer/git-over-peer.js')).gitOverPeer();
  if (address.kind !== 'ssh' || !hasBranches(remote)) return undefined;
  const { sshServer } = await import('../../remotes/ssh/ssh-server.js');
  const { gitOverSsh } = await import('../../remotes/ssh/git-over-ssh.js');
  try {
    return await gitOverSsh(sshServer(repository, name, address.url));
  } catch (error) {
    if (error instanceof AnnexError) return undefined;
    throw error;
  }
}
