import type { ChildProcess } from 'node:child_process';
import { type SpawnOptions, spawnBytes } from '../../lib/spawn-bytes.js';

/** Starts `git`. Arguments are byte strings (a plain string must be ASCII). */
export function spawnGit(args: readonly string[], options: SpawnOptions): ChildProcess {
  return spawnBytes('git', args, options);
}
