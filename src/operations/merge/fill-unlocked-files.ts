import { statSync } from 'node:fs';
import { toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';

/**
 * Gives unlocked files that a merge brought their content, where it is here. After a merge without conflicts git itself
 * runs the post-merge hook for that; after one whose conflicts were resolved nobody does. Nothing to do without entries in
 * git-annex's smudge log.
 */
export async function fillUnlockedFiles({ annexDir, git }: Repository): Promise<void> {
  const log = statSync(toPath(`${annexDir}/smudge.log` as ByteString), { throwIfNoEntry: false });
  if (log === undefined || log.size === 0) return;
  await git.run(['hook', 'run', '--ignore-missing', 'post-merge', '--', '0'], { accept: 'any' });
}
