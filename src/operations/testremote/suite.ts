import type { Key } from '../../domain/key.js';
import type { Remote } from '../../remotes/remote.js';
import type { LocalSide, TestContent } from './case.js';
import type { ContentPlan } from './contents.js';
import type { FailureReport } from './failure.js';
import type { CaseGroup } from './plan-groups.js';

/** How one case ended. */
export interface CaseResult {
  readonly group: string;
  readonly name: string;
  readonly seconds: number;
  /** Undefined: it passed. */
  readonly failure: FailureReport | undefined;
}

export interface SuiteOptions {
  readonly groups: readonly CaseGroup[];
  /** Whether a case is to be run, by `GROUP.CASE`. */
  readonly wanted: (path: string) => boolean;
  /** Opens the remote; it is opened anew when it did not answer. */
  readonly openRemote: () => Promise<Remote>;
  /** A remote of the same kind that can't be reached, if there is one. */
  readonly unavailable: Remote | undefined;
  readonly here: LocalSide;
  readonly makeContent: (plan: ContentPlan) => TestContent;
  /** Told of keys before they are used. */
  readonly noteKeys: (keys: readonly Key[]) => void;
  readonly forgetContent: (content: TestContent) => void;
  /** For each case, in milliseconds. */
  readonly timeout: number;
  readonly signal: AbortSignal;
  readonly onGroup: (group: CaseGroup) => void;
  readonly onResult: (result: CaseResult) => void;
}
