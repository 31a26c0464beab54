import { AnnexError } from '../../domain/errors.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import type { GitReport } from './git-report.js';
import { fillUnlockedFiles } from './fill-unlocked-files.js';
import { beginMerge, endMerge, readMarker } from './merge-marker.js';
import { mergeInProgress } from './merge-in-progress.js';
import { type ResolveOptions, resolveConflicts } from './resolve-conflicts.js';
import { whileIndexIsHeld } from './stale-index-lock.js';

export interface MergeOptions {
  readonly allowUnrelatedHistories: boolean;
  /** Whether conflicts are resolved. */
  readonly resolve: boolean;
  /** Leaves conflicts without an annexed file to the user, as git-annex does. */
  readonly annexedOnly?: boolean;
  readonly signal: AbortSignal;
}

const commitMessage = 'git-annex automatic merge conflict fix';

/**
 * Merges a ref into the branch that is checked out. Nothing that is not committed is overwritten: git refuses such a
 * merge, and so does the resolving of conflicts.
 * @throws `merge-conflict` when conflicts are left, which then wait for the user; `git-failed` when git refused
 */
export async function mergeRef(
  repository: Repository,
  ref: ByteString,
  options: MergeOptions,
  report: GitReport,
): Promise<void> {
  const { git } = repository;
  const plain = options.annexedOnly !== true;
  if (mergeInProgress(repository)) {
    if (!options.resolve || !(await isCutOff(repository))) throw conflictsLeft([]);
    await settleMerge(repository, { fresh: false, plain }, report);
  }
  const theirs = await git.resolve(ref);
  if (theirs === undefined) throw refused(ref, `merge: ${toText(ref)} - not something we can merge`);
  beginMerge(repository, { head: await git.resolve('HEAD'), theirs, ref });
  try {
    await whileIndexIsHeld(repository, () => runMerge(repository, ref, options, report));
  } finally {
    endMerge(repository);
  }
}

async function runMerge(
  repository: Repository,
  ref: ByteString,
  options: MergeOptions,
  report: GitReport,
): Promise<void> {
  const merged = await repository.git.run(
    [
      '-c',
      // A folder renamed on one side must not move the other side's annexed files: their links would break.
      'merge.directoryRenames=false',
      'merge',
      '--no-edit',
      ...(options.allowUnrelatedHistories ? ['--allow-unrelated-histories'] : []),
      ref,
    ],
    { accept: 'any', signal: options.signal },
  );
  report.output(merged.stdout);
  if (merged.exitCode === 0) return report.complaint(merged.stderr);
  if (!mergeInProgress(repository)) throw refused(ref, merged.stderr);
  report.complaint(merged.stderr);
  if (!options.resolve) throw conflictsLeft([]);
  await settle(repository, { fresh: true, plain: options.annexedOnly !== true }, report);
}

/** Whether the merge in progress is one of ours that was killed. */
export async function isCutOff(repository: Repository): Promise<boolean> {
  const marker = readMarker(repository);
  return marker !== undefined && (await repository.git.resolve('MERGE_HEAD')) === marker.theirs;
}

/**
 * Resolves the conflicts of the merge in progress and commits it.
 * @throws `merge-conflict` when some are left
 */
export async function settleMerge(
  repository: Repository,
  options: ResolveOptions,
  report: GitReport,
): Promise<void> {
  await whileIndexIsHeld(repository, () => settle(repository, options, report));
}

async function settle(repository: Repository, options: ResolveOptions, report: GitReport): Promise<void> {
  const { git } = repository;
  const { resolved, left } = await resolveConflicts(repository, options).catch(async (error: unknown) => {
    if (options.fresh && error instanceof AnnexError && error.code === 'merge-conflict') {
      await git.run(['merge', '--abort'], { accept: 'any' });
    }
    throw error;
  });
  if (resolved.length > 0) {
    report.note('Merge conflict was automatically resolved; you may want to examine the result.');
  }
  if (left.length > 0) throw conflictsLeft(left);
  const committed = await git.run(['commit', '--no-verify', '-m', commitMessage]);
  report.output(committed.stdout);
  await fillUnlockedFiles(repository);
}

function conflictsLeft(paths: readonly ByteString[]): AnnexError {
  const named = paths.slice(0, 3).map(toText).join(', ');
  const more = paths.length > 3 ? ` and ${paths.length - 3} more` : '';
  return new AnnexError(
    'merge-conflict',
    `there are merge conflicts${named === '' ? '' : ` in ${named}${more}`}`,
    {
      hint: 'Resolve them and commit, or give the merge up with `git merge --abort`.',
    },
  );
}

function refused(ref: ByteString, stderr: string): AnnexError {
  return new AnnexError(
    'git-failed',
    stderr.trim() === '' ? `git could not merge ${toText(ref)}` : stderr.trim(),
  );
}
