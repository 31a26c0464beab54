import { expect } from 'vitest';
import { comparable } from './query-scene.js';
import type { Ended, Repository, RunOptions, Scene } from './scene.js';

/** Two copies of a repository: the real program works in one, ours in the other, at the same times. */
export interface LogTwins {
  readonly real: Repository;
  readonly ours: Repository;
  /** Does the same in both: outputs, exit codes and the git-annex branches must be the same. */
  same(args: readonly string[], options?: RunOptions): Ended;
  /** The same, where our output may say more: only the exit code and the branches are compared. */
  sameLogs(args: readonly string[], options?: RunOptions): Ended;
}

let copies = 0;

/** @param folder with repositories that know each other by relative paths; `name` is the one that is worked in */
export function createLogTwins(scene: Scene, folder: string, name: string): LogTwins {
  const number = ++copies;
  let clock = 2_000_000_000;
  scene.copy(folder, `real${number}`);
  scene.copy(folder, `ours${number}`);
  const real = scene.repository(`real${number}/${name}`);
  const ours = scene.repository(`ours${number}/${name}`);
  const run = (args: readonly string[], options: RunOptions): { theirs: Ended; mine: Ended } => {
    const env = { GIT_ANNEX_VECTOR_CLOCK: String(clock++), ...options.env };
    const theirs = scene.annex('real', args, real.path, { ...options, env });
    const mine = scene.annex('ours', args, ours.path, { ...options, env });
    expect(branchOf(scene, ours), `branch after ${args.join(' ')}`).toBe(branchOf(scene, real));
    return { theirs, mine };
  };
  return {
    real,
    ours,
    same(args, options = {}) {
      const { theirs, mine } = run(args, options);
      expect(comparable(mine), args.join(' ')).toEqual(comparable(theirs));
      return mine;
    },
    sameLogs(args, options = {}) {
      const { theirs, mine } = run(args, options);
      expect(mine.status, `${args.join(' ')}\n${mine.stderr}`).toBe(theirs.status);
      return mine;
    },
  };
}

/** The git-annex branch, and what is left journalled. */
export function branchOf(scene: Scene, repository: Repository): string {
  const script =
    'git ls-tree -r git-annex; cd "$(git rev-parse --git-dir)/annex/journal"; ls -A; cat * 2>/dev/null';
  return scene.run('sh', ['-c', script], repository.path).stdout;
}
