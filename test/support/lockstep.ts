import { expect } from 'vitest';
import { censusOf } from './census.js';
import type { Ended, Repository, RunOptions, Scene } from './scene.js';
import { shown } from './twins.js';

/**
 * Two copies of the same repositories where git-annex and we do the same steps at the same logged times, so that even the
 * git-annex branches must be the same byte by byte.
 */
export interface Lockstep {
  readonly real: Repository;
  readonly ours: Repository;
  /** Runs the command in both; what they say must be the same, lines in any order where asked. Gives our outcome. */
  same(args: readonly string[], options?: StepOptions): Ended;
  /** Runs the command in both, whatever they say. */
  step(args: readonly string[], options?: RunOptions): { real: Ended; ours: Ended };
  both(change: (repository: Repository) => void): void;
  /** Index, status, contents and the git-annex branch are the same. */
  agree(): void;
}

export interface StepOptions extends RunOptions {
  /** Whether the lines may come in another order. */
  readonly anyOrder?: boolean;
  /** A folder below the top to run in. */
  readonly folder?: string;
}

export function createLockstep(scene: Scene, folder: string, prefix: string, name: string): Lockstep {
  scene.copy(folder, `${prefix}-real`);
  scene.copy(folder, `${prefix}-ours`);
  const real = scene.repository(`${prefix}-real/${name}`);
  const ours = scene.repository(`${prefix}-ours/${name}`);
  let clock = 2_000_000_000;
  const run = (args: readonly string[], options: StepOptions = {}) => {
    clock += 10;
    const env = { ...options.env, GIT_ANNEX_VECTOR_CLOCK: String(clock) };
    const at = (path: string) => (options.folder === undefined ? path : `${path}/${options.folder}`);
    return {
      real: scene.annex('real', args, at(real.path), { ...options, env }),
      ours: scene.annex('ours', args, at(ours.path), { ...options, env }),
    };
  };
  const normal = (ended: Ended, anyOrder: boolean | undefined) => {
    const { status, stdout, stderr } = shown(ended);
    const text = stdout.replace(/[ \t]+$/gm, '').replace(/\n\n+/g, '\n');
    const errors = stderr
      .replaceAll(`${prefix}-real`, `${prefix}-ours`)
      .replace(/^ *(git-annex: )?/gm, '')
      .replace(/\n*Usage: (git-annex [^`]|`git-annex-ts)[\s\S]*$/, '')
      .replace(/CallStack[\s\S]*$/, '')
      .replace(/\n\n+/g, '\n')
      .trim();
    const lines = (all: string) => (anyOrder ? all.split('\n').sort() : all);
    return { status, stdout: lines(text), stderr: lines(errors) };
  };
  return {
    real,
    ours,
    step: run,
    same(args, options = {}) {
      const ended = run(args, options);
      const what = args.join(' ');
      expect(normal(ended.ours, options.anyOrder), what).toEqual(normal(ended.real, options.anyOrder));
      return ended.ours;
    },
    both(change) {
      change(real);
      change(ours);
    },
    agree() {
      for (const repository of [real, ours]) repository.must('real', 'merge', '-q');
      expect(stateOf(ours)).toEqual(stateOf(real));
    },
  };
}

function stateOf(repository: Repository) {
  return {
    head: repository.git('rev-parse', '--abbrev-ref', 'HEAD'),
    index: repository.git('ls-files', '-s').split('\n'),
    status: repository.git('status', '--porcelain', '-z').split('\0'),
    census: censusOf(repository),
    branch: branchOf(repository),
  };
}

/** The files of the git-annex branch with their contents. */
export function branchOf(repository: Repository): Record<string, string> {
  const files = repository.git('ls-tree', '-r', '-z', '--name-only', 'git-annex').split('\0').filter(Boolean);
  return Object.fromEntries(files.map((path) => [path, repository.git('show', `git-annex:${path}`)]));
}
