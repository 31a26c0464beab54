import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { fromBuffer, toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import { lookAt } from './conflict-files.js';
import { ownMark, runsElsewhere } from './process-mark.js';

type Place = Pick<Repository, 'location'>;

/** Notes down, until the work is done, that gits of ours may hold the index's lock. May be nested. */
export async function whileIndexIsHeld<T>({ location }: Place, work: () => Promise<T>): Promise<T> {
  if (readNote(notePath(location)) === ownMark()) return work();
  const note = toPath(notePath(location));
  writeFileSync(note, ownMark());
  try {
    return await work();
  } finally {
    rmSync(note, { force: true });
  }
}

/**
 * Removes the lock of git's index that a git of ours left which was killed. Only when all of this holds: such a git was
 * noted down and did not come to its end, the lock is younger than the note, and no git that is running has to do with
 * this repository. Where processes can't be looked at, the lock stays, and git tells of it.
 */
export function removeStaleIndexLock({ location }: Place): void {
  const note = notePath(location);
  const lock = `${location.gitDir}/index.lock` as ByteString;
  const by = readNote(note);
  if (by === undefined || runsElsewhere(by)) return;
  const before = lookAt(lock);
  if (before !== undefined && before.mtimeMs >= (lookAt(note)?.mtimeMs ?? 0) && !gitMayRun(location)) {
    if (lookAt(lock)?.ino === before.ino) rmSync(toPath(lock), { force: true });
  }
  if (!existsSync(toPath(lock))) rmSync(toPath(note), { force: true });
}

function readNote(note: ByteString): string | undefined {
  try {
    return readFileSync(toPath(note), 'latin1');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whether a git that is not a child of ours works in the repository, or may, since that can't be told. */
function gitMayRun({ gitDir, commonDir, workTree }: Repository['location']): boolean {
  const places = [gitDir, commonDir, ...(workTree === undefined ? [] : [workTree])];
  try {
    return readdirSync('/proc').some((pid) => {
      if (!/^\d+$/.test(pid) || !processName(pid).startsWith('git') || isOurs(pid)) return false;
      const at = currentDirectory(pid);
      return at === undefined || places.some((place) => at === place || at.startsWith(`${place}/`));
    });
  } catch {
    return true;
  }
}

function processName(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'latin1');
  } catch {
    return '';
  }
}

/** Undefined when it may not be known; empty when the process has ended. */
function currentDirectory(pid: string): ByteString | undefined {
  try {
    return fromBuffer(readlinkSync(`/proc/${pid}/cwd`, 'buffer'));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? ('' as ByteString) : undefined;
  }
}

function isOurs(pid: string): boolean {
  for (let at = pid; Number(at) > 1; ) {
    if (Number(at) === process.pid) return true;
    try {
      // The name, in parentheses, may hold anything; state and parent follow it.
      at = /^.*\) \S+ (\d+)/s.exec(readFileSync(`/proc/${at}/stat`, 'latin1'))?.[1] ?? '0';
    } catch {
      return false;
    }
  }
  return false;
}

function notePath({ gitDir }: Repository['location']): ByteString {
  return `${gitDir}/annex-ts-index-held` as ByteString;
}
