import { AnnexError } from '../../domain/errors.js';
import { md5Hex } from '../../domain/md5.js';
import type { ByteString } from '../../lib/bytes.js';
import { waitForFileLock } from '../../repository/locks/wait-for-lock.js';
import { makeOwnFolder, ownLockMode } from '../background-sync/own-folder.js';
import type { OperationContext, Outcome } from '../context.js';

/** Tells programs that a sync starts, and hooks, of which repositories: digests, separated by spaces. */
export const SYNCING_VARIABLE = 'GIT_ANNEX_TS_SYNCING';

export interface AloneOptions {
  /** Milliseconds to wait for another sync; undefined: as long as it takes; 0: not at all. */
  readonly wait: number | undefined;
  /** Called when the repository is ours, before the action. */
  readonly onTurn?: () => void;
}

/**
 * Does a sync while no other sync of this program runs in the repository. The lock, `.git/annex/annex-ts/sync.lck`, means
 * nothing to git-annex, whose own locks guard what the two programs share; it ends with the process, however that ends.
 *
 * A sync that a hook started by this very sync asks for does nothing: waiting for each other would never end.
 */
export async function runAlone(
  annexDir: ByteString,
  { emit, signal }: OperationContext,
  { wait, onTurn }: AloneOptions,
  action: () => Promise<Outcome>,
): Promise<Outcome> {
  const mark = md5Hex(annexDir);
  const outer = process.env[SYNCING_VARIABLE];
  if (outer?.split(' ').includes(mark) === true) {
    emit({ type: 'aside', text: 'nothing done: called from within a sync of this repository' });
    return { failed: 0, stoppedByLimit: false };
  }
  const folder = `${annexDir}/annex-ts` as ByteString;
  const mode = prepareFolder(folder);
  const path = `${folder}/sync.lck` as ByteString;
  const onWait = () => {
    if (wait !== 0) emit({ type: 'aside', text: 'waiting for another sync of this repository to end' });
  };
  const timeout = wait === undefined ? {} : { timeout: wait };
  const lock = await waitForFileLock(path, 'exclusive', { ...timeout, mode, signal, onWait }).catch(
    (error: unknown) => {
      if (error instanceof AnnexError && error.code === 'locked') return undefined;
      throw error;
    },
  );
  if (lock === undefined) {
    emit({ type: 'aside', text: 'nothing done: another sync of this repository is running' });
    return { failed: 0, stoppedByLimit: false, busy: true };
  }
  process.env[SYNCING_VARIABLE] = outer === undefined || outer === '' ? mark : `${outer} ${mark}`;
  try {
    onTurn?.();
    return await action();
  } finally {
    if (outer === undefined) delete process.env[SYNCING_VARIABLE];
    else process.env[SYNCING_VARIABLE] = outer;
    lock.release();
  }
}

/** The mode of the lock file. Where the folder can't be made, taking the lock tells why. */
function prepareFolder(folder: ByteString): number | undefined {
  try {
    makeOwnFolder(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EROFS')
      throw new AnnexError('read-only', 'The repository is on a read-only file system.', { cause: error });
    if (code === undefined) throw error;
  }
  return ownLockMode(folder);
}
