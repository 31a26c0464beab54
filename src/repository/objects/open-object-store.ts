import { copyFileSync, existsSync, renameSync, rmSync, statSync, unlinkSync, utimesSync } from 'node:fs';
import { dirname } from 'node:path/posix';
import { isSecureBackend } from '../../domain/backends.js';
import { AnnexError } from '../../domain/errors.js';
import { objectPath } from '../../domain/hash-directories.js';
import type { Key } from '../../domain/key.js';
import { keyBackend, keyFileName } from '../../domain/key.js';
import type { ByteString } from '../../lib/bytes.js';
import { toText } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';
import type { UnlockedFiles } from '../keys-db/unlocked-files.js';
import type { LockFiles } from '../locks/lock-files.js';
import type { Settings } from '../settings/settings.js';
import type { Arrivals } from './arrivals.js';
import { contentChecks, verifyFile } from './content-check.js';
import { createContentLocks, removeEmptyDirectories, type TryLock } from './content-lock.js';
import { checkReserve, DEFAULT_RESERVE } from './disk-reserve.js';
import { createDurability } from './durability.js';
import { createLockdown, isExecutable, runCommandTemplate } from './lockdown.js';
import type { HeldLock, ObjectStore } from './object-store.js';
import { createPermissions, makeDirectories, sharingOf } from './permissions.js';
import { deleteRetention } from './retention.js';
import { walkKeys } from './walk-keys.js';

export interface ObjectStoreOptions {
  /** The git directory that all work trees share; `annex/` is in it. */
  readonly commonDir: ByteString;
  readonly bare: boolean;
  /** `annex.version`: 8, 9 or 10. */
  readonly version: number;
  readonly settings: Settings;
  readonly tryLock: TryLock;
  readonly lockFiles?: LockFiles;
  readonly arrivals?: Arrivals;
  readonly unlocked: Pick<UnlockedFiles, 'populate' | 'depopulate'>;
}

/** Opens the contents of one repository; touches nothing until asked. */
export function openObjectStore(options: ObjectStoreOptions): ObjectStore {
  const { commonDir, settings, unlocked } = options;
  const annex = `${commonDir}/annex` as ByteString;
  const objects = `${annex}/objects`;
  const [own, other] = options.bare ? (['lower', 'mixed'] as const) : (['mixed', 'lower'] as const);
  const contentIsLock = options.version < 10;
  const permissions = createPermissions(sharingOf(settings), contentIsLock);
  const lockdown = createLockdown(settings, commonDir, permissions);
  const { tryLock, lockFiles } = options;
  const locks = createContentLocks({
    tryLock,
    lockdown,
    permissions,
    contentIsLock,
    ...(lockFiles === undefined ? {} : { lockFiles }),
  });
  const durability = createDurability(annex);
  const removable = new Set<Key>();
  let tmpMade = false;

  const pathFor = (key: Key) => `${objects}/${objectPath(key, own)}` as ByteString;
  function locate(key: Key): ByteString | undefined {
    const first = pathFor(key);
    if (existsSync(toPath(first))) return first;
    const second = `${objects}/${objectPath(key, other)}` as ByteString;
    return existsSync(toPath(second)) ? second : undefined;
  }
  function present(key: Key): ByteString {
    const path = locate(key);
    if (path === undefined)
      throw new AnnexError('content-missing', 'The content is not present in this repository.');
    return path;
  }
  function assertSecure(key: Key): void {
    const backend = keyBackend(key);
    if (!settings.bool('annex.securehashesonly', false) || isSecureBackend(backend)) return;
    const sentence = `annex.securehashesonly blocked adding ${toText(backend)} key to annex objects`;
    throw new AnnexError('invalid-setting', sentence);
  }
  function lockExclusive(key: Key): HeldLock | undefined {
    const path = locate(key);
    const lock = path === undefined ? undefined : locks.exclusive(path);
    if (lock === undefined) return undefined;
    removable.add(key);
    return {
      release() {
        removable.delete(key);
        lock.release();
      },
    };
  }

  return {
    locate,
    pathFor,
    tmpPath(key) {
      if (!tmpMade) makeDirectories(`${annex}/tmp` as ByteString, permissions);
      tmpMade = true;
      return `${annex}/tmp/${keyFileName(key)}` as ByteString;
    },
    async admit(key, file) {
      const already = locate(key);
      if (already !== undefined) {
        if (already !== file) rmSync(toPath(file), { force: true });
        return;
      }
      assertSecure(key);
      const place = pathFor(key);
      options.arrivals?.note(key);
      lockdown.freezeFile(file);
      const directory = moveIntoPlace(file, place);
      durability.placed(place);
      await unlocked.populate(key, place);
      lockdown.freezeDirectory(directory);
    },
    recorded: (keys) => options.arrivals?.settle(keys),
    barrier: () => durability.barrier(),
    async remove(key, proof) {
      if (proof.key !== key || (proof.expires !== undefined && performance.now() >= proof.expires)) {
        throw new AnnexError(
          'copies-insufficient',
          'The proof that enough other copies exist is not, or no longer, valid.',
        );
      }
      if (!removable.has(key))
        throw new AnnexError('internal', 'Content may only be removed while it is locked.');
      // A kill in between leaves a content that a second removal takes, not a filled file that nothing looks at any more.
      const first = present(key);
      await unlocked.depopulate(key);
      try {
        for (let path: ByteString | undefined = first; path !== undefined; path = locate(key))
          removeContent(path);
      } catch (error) {
        const left = locate(key);
        if (left !== undefined) await unlocked.populate(key, left);
        throw error;
      }
    },
    lockShared(key) {
      const path = locate(key);
      return path === undefined ? undefined : locks.shared(path);
    },
    lockRetained(key, seconds) {
      const path = locate(key);
      return path === undefined ? undefined : locks.retained(path, seconds);
    },
    lockExclusive,
    verify: (key, file, onBytes) => verifyFile(key, file, { onBytes }),
    contentChecks,
    quarantine(key) {
      const path = present(key);
      const bad = `${annex}/bad/${keyFileName(key)}` as ByteString;
      makeDirectories(dirname(bad) as ByteString, permissions);
      lockdown.thawDirectory(dirname(path) as ByteString);
      renameSync(toPath(path), toPath(bad));
      removeEmptyDirectories(dirname(path) as ByteString);
      return bad;
    },
    keys: () => walkKeys(objects as ByteString),
    reserve: (bytes) => checkReserve(annex, bytes, settings.bytes('annex.diskreserve', DEFAULT_RESERVE)),
  };

  /** Gives the directory, still writable. A drop at the same moment may delete it between two steps. */
  function moveIntoPlace(file: ByteString, place: ByteString): ByteString {
    const directory = dirname(place) as ByteString;
    for (let attempt = 0; ; attempt++) {
      if (!makeDirectories(directory, permissions)) thawIfThere(directory);
      try {
        moveFile(file, place);
        return directory;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || attempt === 5 || !existsSync(toPath(file)))
          throw error;
      }
    }
  }

  function moveFile(file: ByteString, place: ByteString): void {
    try {
      renameSync(toPath(file), toPath(place));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
      const near = `${place}.new` as ByteString;
      copyFileSync(toPath(file), toPath(near));
      const { atime, mtime } = statSync(toPath(file));
      utimesSync(toPath(near), atime, mtime);
      lockdown.freezeFile(near);
      renameSync(toPath(near), toPath(place));
      unlinkSync(toPath(file));
    }
  }

  function thawIfThere(directory: ByteString): void {
    if (existsSync(toPath(directory))) lockdown.thawDirectory(directory);
  }

  function removeContent(path: ByteString): void {
    const directory = dirname(path) as ByteString;
    lockdown.thawDirectory(directory);
    erase(path);
    if (existsSync(toPath(path))) unlinkSync(toPath(path));
    deleteRetention(path);
    removeEmptyDirectories(directory);
  }

  /** `annex.secure-erase-command`, or the hook `secure-erase-annex`. */
  function erase(path: ByteString): void {
    const command = settings.get('annex.secure-erase-command');
    const hook = `${toText(commonDir)}/hooks/secure-erase-annex`;
    if (command !== undefined && command !== '') runCommandTemplate(command, '%file', path);
    else if (isExecutable(hook)) runCommandTemplate(`${hook} %file` as ByteString, '%file', path);
  }
}
