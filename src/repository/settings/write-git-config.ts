import { accessSync, constants } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { AnnexError } from '../../domain/errors.js';
import { toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import { runGitConfig } from './git-config.js';

/** Times that a change is tried while others write the same file; git itself does not wait for them. */
const TRIES = 40;
/** Milliseconds between two tries, at most. */
const PAUSE = 100;
/** Exit code of `git config` when it can't lock the file. */
const NOT_LOCKED = 255;

/** Changes git config by `git config ARGS`; waits a few seconds at most for others who change it at the same moment. */
export async function writeGitConfig(
  directory: ByteString,
  args: readonly string[],
  accept: readonly number[] = [],
): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await runGitConfig(directory, ['--local', ...args], accept);
      return;
    } catch (error) {
      if (tries === TRIES || exitCodeOf(error) !== NOT_LOCKED) throw error;
      if (!isWritable(directory)) throw error;
      await sleep(PAUSE * Math.random());
    }
  }
}

function exitCodeOf(error: unknown): number | undefined {
  const cause = error instanceof AnnexError ? error.cause : undefined;
  return cause instanceof Error && 'exitCode' in cause ? (cause.exitCode as number) : undefined;
}

/** A file system may be read-only. */
function isWritable(directory: ByteString): boolean {
  try {
    accessSync(toPath(directory), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
