import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { censusOf } from './census.js';
import type { Repository } from './scene.js';

/** What the judges may find without it being a fault. */
export interface Allowed {
  /** Location log entries that `git annex fsck` may put right. */
  readonly repairedLocations?: number;
  /** Changes that `git status` may show. */
  readonly dirty?: boolean;
  /** Files without a copy anywhere are expected: only the exit code of `git annex fsck` is ignored. */
  readonly missingCopies?: boolean;
}

/**
 * git, git-annex and we agree that a repository is in order: both fscks are clean, the objects hash to their keys, the
 * work tree is clean, and `whereis` and `find` of both programs say the same, byte for byte.
 */
export function expectSound(repository: Repository, allowed: Allowed = {}): void {
  expectGitSound(repository);
  expect(censusOf(repository).damaged, `${repository.path}: damaged objects`).toEqual([]);
  // Asked before git-annex repairs anything or merges branches, so that we do that ourselves first.
  const repairs = (allowed.repairedLocations ?? 0) > 0;
  const before = repairs ? undefined : asked(repository, 'ours');
  expectAnnexSound(repository, allowed);
  const real = asked(repository, 'real');
  expect(before ?? asked(repository, 'ours'), `${repository.path}: our answers and git-annex's`).toEqual(
    real,
  );
  if (allowed.dirty !== true) expectClean(repository);
}

export function expectGitSound(repository: Repository): void {
  const output = repository.git('fsck', '--no-progress', '--no-dangling', '--full');
  expect(output, `${repository.path}: git fsck`).toBe('');
}

export function expectClean(repository: Repository): void {
  if (isBare(repository)) return;
  const status = repository.git('status', '--porcelain');
  if (status === '') return;
  expect.fail(`${repository.path}: git status\n${status}\n${repository.git('diff').slice(0, 4000)}`);
}

/** `git annex fsck` finds nothing to complain about, and puts right no more than is allowed. */
export function expectAnnexSound(repository: Repository, allowed: Allowed = {}): void {
  const { status, stdout, stderr } = repository.real('fsck');
  const repaired = stdout.match(/fixing location log/g)?.length ?? 0;
  const text = `${repository.path}: git annex fsck\n${stdout}${stderr}`;
  expect(repaired, text).toBeLessThanOrEqual(allowed.repairedLocations ?? 0);
  expect(stdout, text).not.toMatch(/fixing (?!location log)|normalizing|moved to/);
  expect(stderr, text).not.toMatch(/Bad file|moved to/);
  if (allowed.missingCopies !== true) expect(status, text).toBe(0);
}

/** The answers of one program about all files, or all keys where there are no files. */
export function asked(repository: Repository, who: 'ours' | 'real') {
  const questions = isBare(repository)
    ? [['whereis', '--json', '--all']]
    : [
        ['whereis', '--json'],
        ['find', '--json'],
      ];
  const ask = who === 'ours' ? repository.resident : repository.real;
  const answers = questions.map((args) => ask(...args));
  return answers.map(({ status, stdout }, index) => ({
    question: questions[index],
    status,
    stdout: stdout.replace(/^\((?:merging|recording) .*\n/gm, ''),
  }));
}

/** A work tree has `.git`, as a folder or a file. */
export const isBare = (repository: Repository): boolean => !existsSync(join(repository.path, '.git'));
