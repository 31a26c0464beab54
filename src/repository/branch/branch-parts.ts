import type { ByteString } from '../../lib/bytes.js';
import type { Git } from '../git/git.js';
import type { Settings } from '../settings/settings.js';
import type { AnnexIndex } from './annex-index.js';
import type { Journal } from './journal.js';

/** What the parts of the branch share. */
export interface BranchParts {
  readonly git: Git;
  readonly annexDir: ByteString;
  readonly settings: Pick<Settings, 'get' | 'bool'>;
  readonly journal: Journal;
  readonly index: AnnexIndex;
  /** Called before a commit is made. */
  readonly onCommit?: (() => void) | undefined;
  /** Called before branches are merged, with their names as git-annex shows them. */
  readonly onMerge?: ((names: readonly ByteString[]) => void) | undefined;
}

export const branchRef = 'refs/heads/git-annex' as ByteString;
