import { existsSync, lstatSync, renameSync, type Stats } from 'node:fs';
import { dirname } from 'node:path/posix';
import type { Key } from '../../domain/key.js';
import type { ByteString } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';
import { removeEmptyDirectories } from '../../repository/objects/content-lock.js';
import { createLockdown, type Lockdown } from '../../repository/objects/lockdown.js';
import {
  createPermissions,
  makeDirectories,
  type Permissions,
  sharingOf,
} from '../../repository/objects/permissions.js';
import type { Repository } from '../../repository/repository.js';
import type { Check } from './check.js';

/** A content that is present. */
export interface FoundObject {
  readonly path: ByteString;
  readonly stats: Stats;
  /** Linked to an unlocked file (`annex.thin`) and changed through it: not the key's content, and not for fsck to judge. */
  readonly rewritten: boolean;
}

/** Puts objects of one repository right: place and permissions. */
export interface ObjectSettler {
  /** Undefined: the content is not present. */
  settle(check: Check): Promise<FoundObject | undefined>;
}

type Owner = Pick<Repository, 'objects' | 'unlocked' | 'settings' | 'location'>;

export function createObjectSettler(here: Owner): ObjectSettler {
  const { location, settings, objects } = here;
  const permissions = createPermissions(sharingOf(settings), settings.int('annex.version', 10) < 10);
  const lockdown = createLockdown(settings, location.commonDir, permissions);
  const bare = location.workTree === undefined;
  return {
    async settle(check) {
      const { key } = check;
      const found = objects.locate(key);
      if (found === undefined) return undefined;
      const wanted = objects.pathFor(key);
      const misplaced = found !== wanted && !bare;
      if (misplaced) {
        check.note('normalizing object location');
        move(found, wanted, lockdown, permissions);
      }
      const path = misplaced ? wanted : found;
      const stats = lstatSync(toPath(path));
      const thin = stats.nlink > 1 && (await here.unlocked.filesOf(key)).length > 0;
      if (!thin) {
        lockdown.freezeFile(path);
        lockdown.freezeDirectory(dirname(path) as ByteString);
      }
      return { path, stats, rewritten: thin && !(await unmodified(here, key, path)) };
    },
  };
}

async function unmodified({ unlocked }: Owner, key: Key, path: ByteString): Promise<boolean> {
  return unlocked.unmodified(key, path);
}

/** With its directory, so that locks on the content that lie in it go along; into that of a lock alone otherwise. */
function move(from: ByteString, to: ByteString, lockdown: Lockdown, permissions: Permissions): void {
  const [source, target] = [dirname(from) as ByteString, dirname(to) as ByteString];
  makeDirectories(dirname(target) as ByteString, permissions);
  lockdown.thawDirectory(source);
  if (existsSync(toPath(target))) {
    lockdown.thawDirectory(target);
    renameSync(toPath(from), toPath(to));
  } else renameSync(toPath(source), toPath(target));
  removeEmptyDirectories(existsSync(toPath(source)) ? source : (dirname(source) as ByteString));
}
