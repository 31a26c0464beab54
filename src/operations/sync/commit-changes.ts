import { AnnexError } from '../../domain/errors.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import type { GitReport } from '../merge/git-report.js';
import { mergeInProgress } from '../merge/merge-in-progress.js';
import { isCutOff, settleMerge } from '../merge/merge-ref.js';
import { plainToo } from '../merge/plain-too.js';

/**
 * Commits all changes to files git knows, as `git commit -a`. Without changes git's status is shown and no commit is
 * tried, so that no hook runs.
 * @param message paragraphs; asked only when there is something to commit
 * @param resolve whether conflicts of an interrupted merge are resolved first
 * @param guard called before a commit is made; it throws to prevent that
 * @throws `merge-conflict` when files have conflicts, whose markers must not be committed; `git-failed`
 */
export async function commitChanges(
  repository: Repository,
  message: () => Promise<readonly ByteString[]>,
  resolve: boolean,
  report: GitReport,
  guard: () => Promise<void>,
): Promise<void> {
  const { git } = repository;
  const [unmerged, status] = await Promise.all([
    git.run(['ls-files', '--unmerged', '-z']),
    git.run(['commit', '-a', '--dry-run'], { accept: 'any' }),
  ]);
  if (unmerged.stdout !== '') {
    if (!resolve || !mergeInProgress(repository)) throw unresolved(unmerged.stdout);
    const plain = plainToo(repository.settings) && (await isCutOff(repository));
    await settleMerge(repository, { fresh: false, plain }, report);
    return commitChanges(repository, message, false, report, guard);
  }
  if (status.exitCode > 1) throw new AnnexError('git-failed', status.stderr.trim());
  if (status.exitCode === 1) return report.output(status.stdout);
  await guard();
  const paragraphs = (await message()).flatMap((paragraph) => ['-m', paragraph]);
  const committed = await git.run(['commit', '-a', ...paragraphs], { accept: 'any' });
  report.output(committed.stdout);
  if (committed.exitCode === 0) return report.complaint(committed.stderr);
  // The pre-commit hook may have found that nothing is to be committed after all.
  const left = await git.run(['commit', '-a', '--dry-run'], { accept: 'any' });
  if (left.exitCode === 1) return report.complaint(committed.stderr);
  throw new AnnexError('git-failed', committed.stderr.trim() || 'git could not commit');
}

function unresolved(records: ByteString): AnnexError {
  const paths = new Set(
    records
      .split('\0')
      .filter((record) => record !== '')
      .map((record) => record.slice(record.indexOf('\t') + 1)),
  );
  const named = [...paths].slice(0, 3).map((path) => toText(path as ByteString));
  const more = paths.size > named.length ? ` and ${paths.size - named.length} more` : '';
  return new AnnexError(
    'merge-conflict',
    `not committed: there are merge conflicts in ${named.join(', ')}${more}`,
    { hint: 'Resolve them and commit, or give the merge up with `git merge --abort`.' },
  );
}
