import type { Expression } from '../../domain/matching/expression.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import type { OperationContext } from '../context.js';
import type { Attributes } from '../select/attributes.js';
import type { MatchingOption } from '../select/matching.js';
import type { Classify } from './classify.js';
import type { ScratchFolder } from './scratch.js';

export interface AddRequest {
  readonly operands: readonly ByteString[];
  /** Absolute. */
  readonly cwd: ByteString;
  readonly includeIgnored: boolean;
  /** `--update`: no files that git does not know. */
  readonly trackedOnly: boolean;
  readonly forceLarge: boolean;
  readonly forceSmall: boolean;
  readonly dryRun: boolean;
  readonly backend?: ByteString | undefined;
  /** Names read one at a time, each answered before the next is read. */
  readonly batch?: AsyncIterable<ByteString> | undefined;
  /** Matching options in their order: a file that does not match is passed over. */
  readonly matching: readonly MatchingOption[];
}

/** What the steps of one `add` share. */
export interface AddRun {
  readonly repository: Repository;
  readonly context: OperationContext;
  readonly request: AddRequest;
  readonly top: ByteString;
  readonly show: (path: ByteString) => ByteString;
  readonly attributes: Attributes;
  readonly classify: Classify;
  readonly scratch: ScratchFolder;
  readonly matching: Expression | undefined;
  /** Whether git's index was changed. */
  staged: boolean;
}
