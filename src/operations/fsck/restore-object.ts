import { constants, copyFileSync, lstatSync, rmSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { type Key, keySize } from '../../domain/key.js';
import type { ByteString } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';
import type { Repository } from '../../repository/repository.js';

/** Bytes up to which a copy does not leave the event loop free. */
const SMALL = 1 << 20;

/**
 * Puts the content of an unlocked file of the work tree in the place of an object that was moved away. Without that the
 * file might be the last copy, and git-annex makes pointers of files whose object it does not find. False: there is no
 * such file with the right content.
 */
export async function restoreObject(here: Repository, key: Key): Promise<boolean> {
  const { workTree } = here.location;
  if (workTree === undefined) return false;
  for (const path of await here.unlocked.filesOf(key)) {
    const file = `${workTree}/${path}` as ByteString;
    const stats = lstatSync(toPath(file), { throwIfNoEntry: false });
    if (!stats?.isFile() || stats.size !== (keySize(key) ?? stats.size)) continue;
    const copy = here.objects.tmpPath(key);
    rmSync(toPath(copy), { force: true });
    await copyContent(file, copy, stats.size);
    if ((await here.objects.verify(key, copy)) === true) {
      await here.objects.admit(key, copy);
      await here.objects.barrier();
      return true;
    }
    rmSync(toPath(copy), { force: true });
  }
  return false;
}

async function copyContent(from: ByteString, to: ByteString, size: number): Promise<void> {
  const mode = constants.COPYFILE_FICLONE;
  if (size > SMALL) await copyFile(toPath(from), toPath(to), mode);
  else copyFileSync(toPath(from), toPath(to), mode);
}
