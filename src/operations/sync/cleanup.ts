import type { AnnexError } from '../../domain/errors.js';
import { ascii } from '../../lib/bytes.js';
import { beginStep } from '../merge/git-report.js';
import type { SyncRemote } from './choose-remotes.js';
import { type CurrentBranch, syncedRef } from './current-branch.js';
import { remoteRefs, unavailable, reaching } from './fetch-remote.js';
import { syncedAnnexRef } from './known-refs.js';
import type { SyncRun } from './sync-run.js';

/**
 * Removes the drop points for the current branch, here and in the remotes.
 * @returns how many actions failed
 */
export async function cleanup(
  run: Pick<SyncRun, 'repository' | 'context'>,
  branch: CurrentBranch | undefined,
  remotes: readonly SyncRemote[],
): Promise<number> {
  if (branch === undefined) return 0;
  const { git } = run.repository;
  const local = beginStep(run.context, 'cleanup', ascii('local'), undefined, 'inline');
  const tip = await git.resolve(syncedRef(branch));
  if (tip !== undefined) await git.run(['update-ref', '-d', syncedRef(branch), tip]);
  let failed = local.end();
  const removals = remotes.map((remote) => removeFrom(run, branch, remote));
  for (const [index, remote] of remotes.entries()) {
    const step = beginStep(run.context, 'cleanup', remote.name, remote, 'inline');
    failed += step.end(await removals[index]);
  }
  return failed;
}

/** Resolves to why it could not be done; undefined when it was. */
async function removeFrom(
  { repository, context }: Pick<SyncRun, 'repository' | 'context'>,
  branch: CurrentBranch,
  remote: SyncRemote,
): Promise<AnnexError | undefined> {
  const { git } = repository;
  const { signal } = context;
  try {
    const refs = await remoteRefs(repository, remote, signal);
    const there = [syncedRef(branch), syncedAnnexRef].filter((ref) => refs.has(ref));
    if (there.length === 0) return undefined;
    const { exitCode, stderr } = await git.run(['push', '--quiet', '--delete', '--', remote.name, ...there], {
      accept: 'any',
      ...reaching(remote, signal),
    });
    return exitCode === 0 ? undefined : unavailable(remote, stderr);
  } catch (error) {
    return error as AnnexError;
  }
}
