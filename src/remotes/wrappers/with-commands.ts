import type { ByteString } from '../../lib/bytes.js';
import { spawnBytes } from '../../lib/spawn-bytes.js';
import { type FileLock, tryFileLock } from '../../repository/locks/file-lock.js';
import { waitForFileLock } from '../../repository/locks/wait-for-lock.js';
import type { Repository } from '../../repository/repository.js';
import { safeName } from '../../repository/transfers/safe-name.js';
import type { Remote } from '../remote.js';

/**
 * A remote for which the user has commands run: `annex-start-command` before its contents are used for the first time, and
 * `annex-stop-command` when this process and all others are done with it. As git-annex does, the users of a remote hold a shared
 * lock on `.git/annex/remotes/UUID.lck`, and who gets it exclusively at the end was the last one. How the commands end does not
 * matter.
 */
export function withCommands(
  remote: Remote,
  here: Pick<Repository, 'settings' | 'annexDir' | 'location'>,
): Remote {
  const start = here.settings.get(`remote.${remote.name}.annex-start-command`);
  const stop = here.settings.get(`remote.${remote.name}.annex-stop-command`);
  if (!start && !stop) return remote;
  const folder = here.location.workTree ?? here.location.gitDir;
  const lockFile = `${here.annexDir}/remotes/${safeName(remote.uuid)}.lck` as ByteString;
  let begun: Promise<FileLock> | undefined;

  const begin = (): Promise<FileLock> => (begun ??= beginUse());
  async function beginUse(): Promise<FileLock> {
    const lock = await waitForFileLock(lockFile, 'shared');
    if (start) await runCommand(start, folder);
    return lock;
  }
  async function* once<T>(use: () => AsyncIterable<T>): AsyncGenerator<T> {
    await begin();
    yield* use();
  }

  const { examine } = remote;
  return {
    ...remote,
    retrieve: (requests, context) => once(() => remote.retrieve(requests, context)),
    store: (requests, context) => once(() => remote.store(requests, context)),
    ...(examine && { examine: (requests, context) => once(() => examine(requests, context)) }),
    remove: (requests, context) => once(() => remote.remove(requests, context)),
    presence: (keys, context) => once(() => remote.presence(keys, context)),
    async lockContent(key) {
      await begin();
      return remote.lockContent(key);
    },
    async close() {
      await remote.close();
      const lock = await begun?.catch(() => undefined);
      begun = undefined;
      if (lock === undefined) return;
      lock.release();
      const last = stop ? tryFileLock(lockFile, 'exclusive') : undefined;
      if (stop && last !== undefined) await runCommand(stop, folder);
      last?.release();
    },
  };
}

/** Runs a shell command to its end; what it says goes to stderr, since stdout may be for JSON. */
async function runCommand(command: ByteString, folder: ByteString): Promise<void> {
  const child = spawnBytes('/bin/sh', ['-c', command], {
    cwd: folder,
    env: process.env,
    stdio: ['inherit', process.stderr, 'inherit'],
  });
  await new Promise<void>((resolve) => child.on('error', () => resolve()).on('close', () => resolve()));
}
