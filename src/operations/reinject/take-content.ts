import { chmodSync, constants, copyFileSync, lstatSync, lutimesSync, renameSync, rmSync } from 'node:fs';
import type { Key } from '../../domain/key.js';
import type { ByteString } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';
import { recordLocations } from '../../remotes/record-locations.js';
import type { Repository } from '../../repository/repository.js';
import type { Scratch } from '../add/ingest.js';

/**
 * Moves a file (absolute path) into the annex as the content of a key that it was checked against. It is gone afterwards, also
 * when the content was here already. A file of another file system is copied first, and deleted only when the annex has it.
 */
export async function takeContent(
  here: Repository,
  key: Key,
  file: ByteString,
  scratch: Scratch,
): Promise<void> {
  const { objects, uuid } = here;
  if (objects.locate(key) === undefined) {
    const place = scratch();
    const copied = moveOrCopy(here, file, place);
    try {
      await objects.admit(key, place);
    } catch (error) {
      if (copied) rmSync(toPath(place), { force: true });
      else renameSync(toPath(place), toPath(file));
      throw error;
    }
    await objects.barrier();
  }
  await recordLocations(here, [key], uuid, 'present');
  rmSync(toPath(file), { force: true });
}

/** True: the file is still in its old place too. */
function moveOrCopy({ objects }: Repository, file: ByteString, place: ByteString): boolean {
  try {
    renameSync(toPath(file), toPath(place));
    return false;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
  }
  const stats = lstatSync(toPath(file));
  objects.reserve(stats.size);
  copyFileSync(toPath(file), toPath(place), constants.COPYFILE_FICLONE);
  chmodSync(toPath(place), stats.mode & 0o777);
  lutimesSync(toPath(place), stats.atimeMs / 1000, stats.mtimeMs / 1000);
  return true;
}
