import type { ByteString } from '../../lib/bytes.js';
import type { Git } from '../../repository/git/git.js';

/** Shas by full ref name. */
export type Refs = ReadonlyMap<ByteString, ByteString>;

export const annexRef = 'refs/heads/git-annex' as ByteString;
export const syncedAnnexRef = 'refs/heads/synced/git-annex' as ByteString;

/** All local branches, remote-tracking branches and tags as they are now: one child process. */
export async function knownRefs(git: Git): Promise<Refs> {
  const refs = await git.refs('refs/heads', 'refs/remotes', 'refs/tags');
  return new Map(refs.map(({ name, sha }) => [name, sha]));
}

/** `refs/remotes/origin/master` for `refs/heads/master` of origin. */
export function trackingRef(remote: ByteString, head: ByteString): ByteString {
  return `refs/remotes/${remote}/${head.slice('refs/heads/'.length)}` as ByteString;
}

/** Whether everything in `commit` is in `tip` too. A commit that is not here is in nothing. */
export async function contains(
  git: Git,
  tip: ByteString | undefined,
  commit: ByteString | undefined,
): Promise<boolean> {
  if (commit === undefined || tip === undefined) return commit === undefined;
  if (tip === commit) return true;
  const { exitCode } = await git.run(['merge-base', '--is-ancestor', commit, tip], { accept: 'any' });
  return exitCode === 0;
}
