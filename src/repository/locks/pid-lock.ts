import { AnnexError } from '../../domain/errors.js';
import type { Settings } from '../settings/settings.js';

/**
 * Refuses a repository whose users agreed on `annex.pidlock` in place of locks on files: taking the latter there would
 * exclude nobody.
 */
export function refusePidLock(settings: Pick<Settings, 'bool'>): void {
  if (!settings.bool('annex.pidlock', false)) return;
  throw new AnnexError(
    'unsupported-repository',
    'This repository is set to use a pid lock (annex.pidlock), which is not supported.',
    {
      hint: 'Where the file system supports locks, unset annex.pidlock for all users of the repository.',
    },
  );
}
