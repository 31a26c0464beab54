import { chmodSync, existsSync, readdirSync, rmSync } from 'node:fs';
import type { ByteString } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';
import type { Repository } from '../../repository/repository.js';
import { separateFromGit } from '../init/git-integration.js';
import { removeSyncHook } from '../init/sync-hook.js';

/**
 * Removes all that makes a git repository an annex: hooks, filters, settings, `.git/annex` with all that is in it, and the
 * git-annex branch. The repository can only be closed after that.
 */
export async function removeIntegration(here: Repository): Promise<void> {
  const { location, settings, git, unlocked, annexDir } = here;
  await removeSyncHook(location, git);
  await separateFromGit(location, settings);
  await unlocked.close();
  if (existsSync(toPath(annexDir))) {
    makeWritable(annexDir);
    rmSync(toPath(annexDir), { recursive: true, force: true });
  }
  for (const ref of ['refs/heads/git-annex', 'refs/annex/last-index']) {
    await git.run(['update-ref', '-d', ref]);
  }
  // Without a uuid it is no annex any more: so this comes last.
  await settings.set('annex.version', undefined);
  await settings.set('annex.uuid', undefined);
}

/** Folders of which something is to be deleted. */
function makeWritable(folder: ByteString): void {
  chmodSync(toPath(folder), 0o755);
  for (const entry of readdirSync(toPath(folder), { withFileTypes: true, encoding: 'latin1' })) {
    if (entry.isDirectory()) makeWritable(`${folder}/${entry.name}` as ByteString);
  }
}
