import {
  chmodSync,
  copyFileSync,
  constants,
  lstatSync,
  lutimesSync,
  renameSync,
  rmSync,
  type Stats,
} from 'node:fs';
import { dirname } from 'node:path/posix';
import type { Key } from '../../domain/key.js';
import type { ByteString } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';
import { recordLocations } from '../../remotes/record-locations.js';
import { createLockdown } from '../../repository/objects/lockdown.js';
import { createPermissions, sharingOf } from '../../repository/objects/permissions.js';
import type { Repository } from '../../repository/repository.js';
import type { Scratch } from '../add/ingest.js';

/** The annex's side of locking a file: what the symlink is to lead to. */
export interface AnnexContent {
  /**
   * Sees to it that the annex has the key's content, if anything here has. An object that was written through a hard
   * link (`annex.thin`) holds something else: it is replaced by an unmodified file's content, or given up.
   * @param intact absolute path of the work tree file, if that is unmodified
   */
  secure(key: Key, intact: ByteString | undefined): Promise<void>;
  /** Gives the object back its own inode and its protection, after a link to it was removed. */
  seal(key: Key): void;
  /** Journals where contents came and went. */
  record(): Promise<void>;
}

export function createAnnexContent(here: Repository, scratch: Scratch): AnnexContent {
  const { objects, unlocked, settings, location } = here;
  const permissions = createPermissions(sharingOf(settings), settings.int('annex.version', 10) < 10);
  const lockdown = createLockdown(settings, location.commonDir, permissions);
  const came: Key[] = [];
  const went: Key[] = [];

  async function unmodifiedFile(key: Key): Promise<ByteString | undefined> {
    for (const path of await unlocked.filesOf(key)) {
      const file = `${location.workTree}/${path}` as ByteString;
      if ((await unlocked.intactState(key, file)) !== undefined) return file;
    }
    return undefined;
  }

  /** An object that nothing but the annex refers to and nobody may write is what it was. */
  async function isIntact(key: Key, object: ByteString): Promise<boolean> {
    const { nlink, mode } = lstatSync(toPath(object));
    if (nlink === 1 && permissions.frozenFile(mode & 0o7777) === (mode & 0o7777)) return true;
    return (await unlocked.intactState(key, object)) !== undefined;
  }

  function copyOf(file: ByteString): ByteString {
    const copy = scratch();
    try {
      const stats = lstatSync(toPath(file));
      copyFileSync(toPath(file), toPath(copy), constants.COPYFILE_FICLONE);
      keepAttributes(copy, stats);
    } catch (error) {
      rmSync(toPath(copy), { force: true });
      throw error;
    }
    return copy;
  }

  return {
    async secure(key, intact) {
      const object = objects.locate(key);
      if (object !== undefined && (await isIntact(key, object))) return;
      const source = intact ?? (await unmodifiedFile(key));
      if (source === undefined && object === undefined) return;
      const copy = source === undefined ? undefined : copyOf(source);
      if (object !== undefined) dropOtherName(objects.quarantine(key));
      if (copy === undefined) {
        went.push(key);
        return;
      }
      try {
        await objects.admit(key, copy);
      } finally {
        rmSync(toPath(copy), { force: true });
      }
      unlocked.remember(key, objects.pathFor(key));
      came.push(key);
    },
    seal(key) {
      const object = objects.locate(key);
      if (object === undefined) return;
      const directory = dirname(object) as ByteString;
      if (lstatSync(toPath(object)).nlink > 1) {
        const own = copyOf(object);
        lockdown.thawDirectory(directory);
        renameSync(toPath(own), toPath(object));
        unlocked.remember(key, object);
      }
      lockdown.freezeFile(object);
      lockdown.freezeDirectory(directory);
    },
    async record() {
      await recordLocations(here, came.splice(0), here.uuid, 'present');
      await recordLocations(here, went.splice(0), here.uuid, 'absent');
    },
  };
}

/** What has another name stays there; what has none was written by the user, and is kept as bad content. */
function dropOtherName(bad: ByteString): void {
  if (lstatSync(toPath(bad)).nlink > 1) rmSync(toPath(bad), { force: true });
}

function keepAttributes(file: ByteString, stats: Stats): void {
  chmodSync(toPath(file), stats.mode & 0o777);
  lutimesSync(toPath(file), stats.atimeMs / 1000, stats.mtimeMs / 1000);
}
