import type { CaseGroup } from './plan-groups.js';
import type { CaseResult } from './suite.js';

/** What came of all cases. */
export interface SuiteSummary {
  /** Cases that were run. */
  readonly total: number;
  readonly failed: number;
  readonly seconds: number;
  /** Not all were run. */
  readonly stopped: boolean;
}

/** One way to tell how the cases go. */
export interface SuiteReport {
  group(group: CaseGroup): void;
  result(result: CaseResult): void;
  /** Also when it was stopped. */
  end(summary: SuiteSummary): void;
}
