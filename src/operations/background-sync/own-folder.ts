import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';

/** What the group and others may do, and that new files get the folder's group. */
const shared = 0o2077;

/** Makes `.git/annex/annex-ts`, or a folder below it, with what those who share the repository may do in the one above. */
export function makeOwnFolder(path: ByteString): void {
  const above = path.slice(0, path.lastIndexOf('/')) as ByteString;
  if (path.includes('/annex-ts/') && statSync(toPath(above), { throwIfNoEntry: false }) === undefined)
    makeOwnFolder(above);
  try {
    mkdirSync(toPath(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return;
    throw error;
  }
  const mode = statSync(toPath(above)).mode & 0o7777;
  const made = statSync(toPath(path)).mode & 0o7777;
  if ((mode & shared & ~made) !== 0) chmodSync(toPath(path), made | (mode & shared));
}

/** Exact permissions of a lock file in a folder that others may write to as well; undefined: as the umask has it. */
export function ownLockMode(folder: ByteString): number | undefined {
  const mode = statSync(toPath(folder), { throwIfNoEntry: false })?.mode ?? 0;
  return (mode & 0o022) === 0 ? undefined : 0o600 | (mode & 0o066);
}
