import { existsSync } from 'node:fs';
import { AnnexError } from '../../domain/errors.js';
import { toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import { runGit } from '../../repository/git/run-git.js';

/**
 * Before a push comes into a repository: where `annex-ts.lockcluster` is set, the hook that checks it is there.
 * @param folder the repository, or its git directory, with or without `.git` at its end, as git takes it
 * @throws AnnexError `permission` where the push would not be checked
 */
export async function keepLock(folder: ByteString): Promise<void> {
  const place = [folder, `${folder}.git` as ByteString].find((path) => existsSync(toPath(path)));
  if (place === undefined) return;
  const { exitCode, stdout } = await runGit(['config', '--get', 'annex-ts.lockcluster'], {
    cwd: place,
    accept: 'any',
  });
  if (exitCode !== 0 || stdout.trim() === 'false') return;
  const { openParts } = await import('../open-repository.js');
  const { installLockHook } = await import('./lock-hook.js');
  const { git, location, settings } = await openParts(place);
  try {
    const problem = await installLockHook(location, git, settings);
    if (problem !== undefined) throw new AnnexError('permission', problem);
  } finally {
    await git.close();
  }
}
