import { setTimeout as sleep } from 'node:timers/promises';
import { AnnexError } from '../../domain/errors.js';
import type { ByteString } from '../../lib/bytes.js';
import { type FileLock, type FileLockOptions, type LockKind, tryFileLock } from './file-lock.js';

export interface WaitOptions extends FileLockOptions {
  /** Milliseconds after which waiting ends with the error `locked`. Default: waits for ever, as git-annex does. */
  readonly timeout?: number;
  readonly signal?: AbortSignal | undefined;
  /** Called once, when the lock is not free at the first try. */
  readonly onWait?: () => void;
}

/** Longest pause between two tries, in milliseconds. */
const longestPause = 20;

/**
 * Takes a lock, waiting until it is free. It asks again and again instead of blocking in the kernel, since a blocked
 * thread could not be told to stop.
 * @throws AnnexError `locked` after `timeout`; `interrupted` on abort; and as `tryFileLock`
 */
export async function waitForFileLock(
  path: ByteString,
  kind: LockKind,
  options: WaitOptions = {},
): Promise<FileLock> {
  const start = performance.now();
  const { timeout = Number.POSITIVE_INFINITY, signal } = options;
  for (let pause = 0.5; ; pause = Math.min(pause * 1.5, longestPause)) {
    if (signal?.aborted) throw interrupted(signal.reason);
    const lock = tryFileLock(path, kind, options);
    if (lock !== undefined) return lock;
    if (options.create === false)
      throw new AnnexError('locked', 'there is no lock file to wait for, or it is in use');
    if (pause === 0.5) options.onWait?.();
    const left = timeout - (performance.now() - start);
    if (left <= 0) {
      throw new AnnexError('locked', 'another process is using this part of the repository', {
        hint: 'Try again when it has finished.',
      });
    }
    await pauseFor(Math.min(left, pause), signal);
  }
}

async function pauseFor(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(milliseconds, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    throw interrupted(error);
  }
}

function interrupted(cause: unknown): AnnexError {
  return new AnnexError('interrupted', 'waiting for a lock was interrupted', { cause });
}
