import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { AnnexError } from '../../domain/errors.js';
import type { ByteString } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';
import { waitForFileLock } from '../../repository/locks/wait-for-lock.js';
import type { Repository } from '../../repository/repository.js';

/** A path and what git is to record of it. */
export interface Staged {
  readonly path: ByteString;
  /** `0`: git is to know the path no longer. */
  readonly mode: '120000' | '100644' | '100755' | '0';
  /** The target of a symlink, or a pointer file's content; nothing for `0`. */
  readonly content: ByteString;
}

/** Milliseconds to wait for another process to let go of git's index. */
const PATIENCE = 10_000;

/** Puts symlinks and pointer files into git's index, in one go, under the lock git-annex takes for it. */
export async function stageAll(
  repository: Repository,
  staged: readonly Staged[],
  signal: AbortSignal,
): Promise<void> {
  if (staged.length === 0) return;
  const { git } = repository;
  const kept = staged.filter(({ mode }) => mode !== '0');
  const names = await git.writeObjects(kept.map(({ content }) => ({ type: 'blob', content })));
  const shas = new Map(kept.map((entry, i) => [entry, names[i] as ByteString]));
  const entries = staged.map((entry) => ({
    path: entry.path,
    mode: entry.mode as ByteString,
    sha: shas.get(entry) ?? ('' as ByteString),
  }));
  const queue = `${repository.annexDir}/gitqueue.lck` as ByteString;
  const lock = await waitForFileLock(queue, 'exclusive', { signal });
  try {
    await whenIndexIsFree(repository, signal, () => git.stage(entries));
  } finally {
    lock.release();
  }
}

/** `git add` as it is without an annex: contents go into git itself. Paths count from the top. */
export async function addToGit(
  repository: Repository,
  paths: readonly ByteString[],
  signal: AbortSignal,
): Promise<void> {
  const plain = ['clean', 'smudge', 'process'].flatMap((name) => ['-c', `filter.annex.${name}=`]);
  for (let at = 0; at < paths.length; at += 500) {
    const some = paths.slice(at, at + 500);
    await whenIndexIsFree(repository, signal, () =>
      repository.git.run([...plain, 'add', '--force', '--', ...some]),
    );
  }
}

/** Another git that holds `index.lock` is waited for. */
async function whenIndexIsFree(
  { location }: Repository,
  signal: AbortSignal,
  change: () => Promise<unknown>,
): Promise<void> {
  const lock = toPath(`${location.gitDir}/index.lock` as ByteString);
  const end = performance.now() + PATIENCE;
  for (;;) {
    try {
      await change();
      return;
    } catch (error) {
      if (!(error instanceof AnnexError) || !existsSync(lock) || performance.now() > end) throw error;
    }
    while (existsSync(lock) && performance.now() <= end) await sleep(20, undefined, { signal });
  }
}
