import { AnnexError } from '../../domain/errors.js';
import { differenceLog, hasDifferences } from '../../domain/logs/difference-log.js';
import { toText } from '../../lib/bytes.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Git } from '../../repository/git/git.js';
import { refusePidLock } from '../../repository/locks/pid-lock.js';
import type { RepositoryLocation } from '../../repository/repository.js';
import type { Settings } from '../../repository/settings/settings.js';

export const OLDEST_VERSION = 8;
export const NEWEST_VERSION = 10;

/** Refuses, in one sentence and without touching anything, a repository whose settings ask for what is not known here. */
export function checkSettings(settings: Settings): void {
  refusePidLock(settings);
  if (settings.subsections('annex').some((name) => name.toLowerCase() === 'tune')) throw tuned();
}

/**
 * The version of an initialised repository: 8, 9 or 10.
 * @throws AnnexError `unsupported-repository`
 */
export function supportedVersion(settings: Settings, location: RepositoryLocation): number {
  const text = settings.get('annex.version') ?? '';
  const version = /^\d{1,9}$/.test(text) ? Number(text) : undefined;
  if (version === undefined) {
    throw new AnnexError(
      'unsupported-repository',
      'This repository has annex.uuid set, but annex.version is not set. Perhaps that git config was lost. Cannot use the repository in this state; set back annex.version to fix this.',
    );
  }
  if (version >= OLDEST_VERSION && version <= NEWEST_VERSION) return version;
  const path = toText(location.workTree ?? location.gitDir);
  const newer = version > NEWEST_VERSION;
  throw new AnnexError('unsupported-repository', `Repository ${path} is at unsupported version ${version}.`, {
    hint: newer ? 'Upgrade git-annex-ts.' : 'Upgrade the repository with: git-annex upgrade',
  });
}

/** Refuses a repository that has been tuned, as any git-annex branch known here tells, before it is initialised. */
export async function checkDifferences(git: Git, branches: readonly ByteString[]): Promise<void> {
  for (const branch of branches) {
    const log = await git.object(`${branch}:${differenceLog.path}` as ByteString);
    if (log !== undefined && hasDifferences(log.content)) throw tuned();
  }
}

function tuned(): AnnexError {
  return new AnnexError(
    'unsupported-repository',
    'This repository was tuned (annex.tune.*, difference.log), which git-annex-ts does not support.',
    { hint: 'Use git-annex in this repository.' },
  );
}
