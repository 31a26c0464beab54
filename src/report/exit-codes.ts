import type { ErrorCode } from '../domain/errors.js';

/** Something failed. */
export const FAILED = 1;
/** `sync --check`: something is left to do. */
export const OUT_OF_STEP = 2;
/** Another sync of the repository is running, and was not to be waited for (`EX_TEMPFAIL` of sysexits). */
export const BUSY = 75;
/** `--time-limit` or `--size-limit` stopped the work. */
export const LIMIT_REACHED = 101;
/** Interrupted by the user, as shells report SIGINT. */
export const INTERRUPTED = 130;

/** The exit codes that differ from 1. */
const SPECIAL: Partial<Readonly<Record<ErrorCode, number>>> = {
  'limit-reached': LIMIT_REACHED,
  interrupted: INTERRUPTED,
};

/** The exit code of the program when an error of that kind ends it. */
export function exitCodeOf(code: ErrorCode): number {
  return SPECIAL[code] ?? FAILED;
}
