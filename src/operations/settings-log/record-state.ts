import type { Emit } from '../../domain/events.js';
import type { Repository } from '../../repository/repository.js';

/** What recording needs of a repository. */
export type Recorder = Pick<Repository, 'branch' | 'settings'>;

/**
 * Commits what is journalled unless `annex.alwayscommit` says no, and says so where something was. Commands that read the
 * git-annex branch do it before, for what other commands left.
 */
export async function recordState({ branch, settings }: Recorder, emit: Emit): Promise<void> {
  if (!settings.bool('annex.alwayscommit', true)) return;
  if (await branch.commit()) emit({ type: 'aside', text: 'recording state in git...' });
}
