import { type AdjustedBranch, parseAdjustedBranch } from '../../domain/adjusted-branch.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Git } from '../../repository/git/git.js';

/** The branch that is checked out; in an adjusted branch the original one, which is what is exchanged with remotes. */
export interface CurrentBranch {
  /** `master` */
  readonly name: ByteString;
  /** `refs/heads/master` */
  readonly ref: ByteString;
  /** The adjusted form of it that is checked out in its place. */
  readonly adjusted?: AdjustedBranch;
}

/** The branch that HEAD is on, also when it has no commit yet; undefined when HEAD is detached. */
export async function currentBranch(git: Git): Promise<CurrentBranch | undefined> {
  const { exitCode, stdout } = await git.run(['symbolic-ref', '-q', 'HEAD'], { accept: [0, 1] });
  const ref = stdout.replace(/\n$/, '') as ByteString;
  if (exitCode !== 0 || !ref.startsWith('refs/heads/')) return undefined;
  const name = ref.slice('refs/heads/'.length) as ByteString;
  const adjusted = parseAdjustedBranch(name);
  if (adjusted === undefined) return { ref, name };
  return { ref: adjusted.originalRef, name: adjusted.original, adjusted };
}

/** Branches that git-annex derives from another one (`view`, or `adjust` in a way not known here): never exchanged as they are. */
export function isDerived({ name }: CurrentBranch): boolean {
  return name.startsWith('adjusted/') || name.startsWith('views/');
}

/** The drop point for a branch in a repository that has it checked out: `refs/heads/synced/master`. */
export function syncedRef({ name }: CurrentBranch): ByteString {
  return `refs/heads/synced/${name}` as ByteString;
}
