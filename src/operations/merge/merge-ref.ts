import { AnnexError } from '../../domain/errors.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import type { GitReport } from './git-report.js';
import { fillUnlockedFiles } from './fill-unlocked-files.js';
import { beginMerge, endMerge, readMarker } from './merge-marker.js';
import { mergeInProgress } from './merge-in-progress.js';
import { resolveConflicts } from './resolve-conflicts.js';

export interface MergeOptions {
  readonly allowUnrelatedHistories: boolean;
  /** Whether conflicts between annexed files are resolved. */
  readonly resolve: boolean;
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
  if (mergeInProgress(repository)) {
    const cutOff = readMarker(repository);
    const own = cutOff !== undefined && (await git.resolve('MERGE_HEAD')) === cutOff.theirs;
    if (!options.resolve || !own) throw conflictsLeft([]);
    await settleMerge(repository, false, report);
  }
  const theirs = await git.resolve(ref);
  if (theirs === undefined) throw refused(ref, `merge: ${toText(ref)} - not something we can merge`);
  beginMerge(repository, { head: await git.resolve('HEAD'), theirs, ref });
  try {
    await runMerge(repository, ref, options, report);
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
  await settleMerge(repository, true, report);
}

/**
 * Resolves the conflicts of the merge in progress and commits it.
 * @param fresh see `resolveConflicts`
 * @throws `merge-conflict` when some are left
 */
export async function settleMerge(repository: Repository, fresh: boolean, report: GitReport): Promise<void> {
  const { git } = repository;
  const { resolved, left } = await resolveConflicts(repository, fresh).catch(async (error: unknown) => {
    if (fresh && error instanceof AnnexError && error.code === 'merge-conflict') {
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
