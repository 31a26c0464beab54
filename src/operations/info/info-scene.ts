import type { ByteString } from '../../lib/bytes.js';
import type { RemoteEntry } from '../../remotes/list/remote-entry.js';
import type { Repository } from '../../repository/repository.js';
import type { OperationContext } from '../context.js';
import type { Policy } from '../policy/policy.js';
import type { KnownRepositories } from '../repositories/known-repositories.js';
import type { Matches } from '../select/matching.js';
import type { SizeWords } from './key-totals.js';

/** What every kind of info is made from. */
export interface InfoScene {
  readonly repository: Repository;
  readonly known: KnownRepositories;
  readonly entries: readonly RemoteEntry[];
  readonly policy: Pick<Policy, 'copies'>;
  readonly context: OperationContext;
  /** Absolute. */
  readonly cwd: ByteString;
  /** What the matching options want; undefined: there are none. */
  readonly matches: Matches | undefined;
  /** The same for keys without files; rejects when the options ask about files. */
  readonly keyMatches: Matches | undefined;
  /** Only what can be told quickly. */
  readonly fast: boolean;
  /** Sizes in bytes. */
  readonly bytes: boolean;
  readonly words: SizeWords;
}
