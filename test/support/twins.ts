import { expect } from 'vitest';
import { censusOf, workTree } from './census.js';
import { isBare } from './judge.js';
import type { Ended, Repository, RunOptions, Scene } from './scene.js';

/** Two copies of the same repositories, same uuids: git-annex works in one, we in the other. */
export interface Twins {
  /** Runs the same command in both repositories of this name; outputs, exit codes and states must be the same. */
  same(name: string, args: readonly string[], options?: RunOptions): Ended;
  /** Does the same to both. */
  both(name: string, change: (repository: Repository) => void): void;
  readonly real: (name: string) => Repository;
  readonly ours: (name: string) => Repository;
}

export function createTwins(scene: Scene, folder: string, prefix: string): Twins {
  scene.copy(folder, `${prefix}-real`);
  scene.copy(folder, `${prefix}-ours`);
  const real = (name: string) => scene.repository(`${prefix}-real/${name}`);
  const ours = (name: string) => scene.repository(`${prefix}-ours/${name}`);
  return {
    real,
    ours,
    both(name, change) {
      change(real(name));
      change(ours(name));
    },
    same(name, args, options) {
      const theirs = scene.annex('real', args, real(name).path, options);
      const mine = scene.annex('ours', args, ours(name).path, options);
      const what = args.join(' ');
      const forget = (text: string) => text.replaceAll(`${prefix}-real`, `${prefix}-ours`);
      expect(shown(mine), what).toEqual({ ...shown(theirs), stderr: forget(shown(theirs).stderr) });
      expect(stateOf(ours(name)), `state after ${what}`).toEqual(stateOf(real(name)));
      return mine;
    },
  };
}

/** An outcome without what differs from run to run (progress lines) and from program to program (its name). */
export function shown({ status, stdout, stderr }: Ended): Ended {
  return {
    status,
    stdout: stdout.replace(/\n\r[^\n]*\r(?=\S)/g, ''),
    stderr: stderr.replace(/^( *)git-annex-ts: /gm, '$1git-annex: '),
  };
}

/** Index, objects, work tree, and which repositories have which key: what a command leaves behind. */
export function stateOf(repository: Repository) {
  const locations = repository.git('ls-tree', '-r', '--name-only', '-z', 'git-annex');
  return {
    index: repository.git('ls-files', '-s', '-z').split('\0'),
    census: censusOf(repository),
    workTree: isBare(repository) ? undefined : workTree(repository),
    branch: locations.split('\0'),
    status: isBare(repository) ? '' : repository.git('status', '--porcelain', '-z'),
    locations: locationsOf(repository),
  };
}

/** Key -> uuids, from all location logs, read by git-annex (pending journals included). */
export function locationsOf(repository: Repository): Map<string, string[]> {
  const lines = repository.real('whereis', '--all', '--json').stdout.split('\n').filter(Boolean);
  return new Map(
    lines.map((line) => {
      const { key, whereis, untrusted } = JSON.parse(line) as {
        key: string;
        whereis: { uuid: string }[];
        untrusted: { uuid: string }[];
      };
      return [key, [...whereis, ...untrusted].map(({ uuid }) => uuid).sort()];
    }),
  );
}
