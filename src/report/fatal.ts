import { AnnexError } from '../domain/errors.js';
import { exitCodeOf, FAILED } from './exit-codes.js';
import { printable } from './quote.js';

/** What stderr says about an error that ends the program, and the exit code. */
export interface FatalReport {
  readonly text: string;
  readonly exitCode: number;
}

/** Set to `1`, errors are shown with their stack and causes. */
export const DEBUG_VARIABLE = 'GIT_ANNEX_TS_DEBUG';

/** One sentence and a hint for an error that ends the program; the trace only when `debug` is set. */
export function fatalReport(error: unknown, debug: boolean): FatalReport {
  const trace = debug ? `${traceOf(error)}\n` : '';
  if (error instanceof AnnexError) {
    const hint = error.hint === undefined ? '' : `  ${printable(error.hint)}\n`;
    const prefix = error.code === 'usage' ? '' : 'git-annex-ts: ';
    return {
      text: `${prefix}${printable(error.message)}\n${hint}${trace}`,
      exitCode: exitCodeOf(error.code),
    };
  }
  const message = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
  const hint = debug
    ? ''
    : `  This was not expected. Run it again with ${DEBUG_VARIABLE}=1 to see where it happened.\n`;
  return { text: `git-annex-ts: ${printable(message ?? '')}\n${hint}${trace}`, exitCode: FAILED };
}

function traceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\nCaused by: ${traceOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
