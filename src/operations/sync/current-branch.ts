import type { ByteString } from '../../lib/bytes.js';
import type { Git } from '../../repository/git/git.js';

/** The branch that is checked out. */
export interface CurrentBranch {
  /** `master` */
  readonly name: ByteString;
  /** `refs/heads/master` */
  readonly ref: ByteString;
}

/** The branch that HEAD is on, also when it has no commit yet; undefined when HEAD is detached. */
export async function currentBranch(git: Git): Promise<CurrentBranch | undefined> {
  const { exitCode, stdout } = await git.run(['symbolic-ref', '-q', 'HEAD'], { accept: [0, 1] });
  const ref = stdout.replace(/\n$/, '') as ByteString;
  if (exitCode !== 0 || !ref.startsWith('refs/heads/')) return undefined;
  return { ref, name: ref.slice('refs/heads/'.length) as ByteString };
}

/** Branches that git-annex derives from another one (`adjust`, `view`): never exchanged as they are. */
export function isDerived({ name }: CurrentBranch): boolean {
  return name.startsWith('adjusted/') || name.startsWith('views/');
}

/** The drop point for a branch in a repository that has it checked out: `refs/heads/synced/master`. */
export function syncedRef({ name }: CurrentBranch): ByteString {
  return `refs/heads/synced/${name}` as ByteString;
}
