import { AnnexError } from '../../domain/errors.js';
import { CaseFailure } from './case.js';
import { NoAnswer } from './patience.js';

/** Why a case failed. */
export interface FailureReport {
  /** A sentence; hints are on lines of their own. */
  readonly text: string;
  readonly hung: boolean;
}

/** What went wrong with some work; undefined: nothing. */
export async function failureOf(work: () => Promise<unknown>): Promise<FailureReport | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return { text: textOf(error), hung: error instanceof NoAnswer };
  }
}

function textOf(error: unknown): string {
  if (error instanceof CaseFailure || error instanceof NoAnswer) return error.message;
  if (error instanceof AnnexError) {
    return error.hint === undefined ? error.message : `${error.message}\n${error.hint}`;
  }
  return `Exception: ${error instanceof Error ? error.message : String(error)}`;
}
