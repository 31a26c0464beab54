import { AnnexError } from '../../domain/errors.js';
import { type Key, keySize } from '../../domain/key.js';

/** How far a command may go (`--time-limit`, `--size-limit`). */
export interface Limits {
  /** Whether another item may be looked at. Once false it stays false. */
  timeLeft(): boolean;
  /** Whether this content may still be acted on; counts it if so. A content of unknown size never may. */
  admits(key: Key): boolean;
  /** Whether a limit kept something from being done. */
  readonly reached: boolean;
}

export interface LimitOptions {
  /** git-annex's duration text. */
  readonly time?: string | undefined;
  /** In bytes. */
  readonly size?: number | undefined;
  readonly warn: (text: string) => void;
}

export function createLimits({ time, size, warn }: LimitOptions): Limits {
  const end =
    time === undefined ? Number.POSITIVE_INFINITY : performance.now() + parseDuration('--time-limit', time);
  let left = size ?? Number.POSITIVE_INFINITY;
  let reached = false;
  let timeIsUp = false;
  return {
    timeLeft() {
      if (!timeIsUp && performance.now() >= end) {
        timeIsUp = true;
        reached = true;
        warn(`Time limit (${time}) reached! Shutting down...`);
      }
      return !timeIsUp;
    },
    admits(key) {
      if (left === Number.POSITIVE_INFINITY) return true;
      const bytes = keySize(key) ?? Number.POSITIVE_INFINITY;
      if (bytes > left) {
        reached = true;
        return false;
      }
      left -= bytes;
      return true;
    },
    get reached() {
      return reached;
    },
  };
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, y: 31_557_600 };

/** Milliseconds of a duration like `5h`, `1h5m` or `10d`. Throws `usage` naming the option. */
export function parseDuration(option: string, text: string): number {
  const parts = [...text.matchAll(/(\d+)([smhdy])/g)];
  if (text === '' || parts.map(([part]) => part).join('') !== text) {
    const expected = '(expected eg "5m" or "1h5m")';
    throw new AnnexError('usage', `option ${option}: failed to parse duration "${text}" ${expected}`);
  }
  let seconds = 0;
  for (const [, number, unit] of parts) seconds += Number(number) * (SECONDS[unit as string] as number);
  return seconds * 1000;
}
