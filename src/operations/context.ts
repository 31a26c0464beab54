import type { Emit } from '../domain/events.js';

/** What every operation gets besides its repository and request. */
export interface OperationContext {
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** Transfers at once (`-J`); at least 1. */
  readonly jobs: number;
}

/** How an operation ended. The exit code follows: a limit 101, a failure 1, busy 75, else 0. */
export interface Outcome {
  readonly failed: number;
  readonly stoppedByLimit: boolean;
  /** A check found that something is left to do. */
  readonly outOfStep?: boolean;
  /** Nothing was done, since the same is being done already. */
  readonly busy?: boolean;
}
