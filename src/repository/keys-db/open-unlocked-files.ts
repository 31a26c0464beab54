import { chmodSync, lstatSync, readlinkSync } from 'node:fs';
import { type Key, keySize } from '../../domain/key.js';
import { parseSymlink } from '../../domain/pointers.js';
import type { Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import { fromBuffer, toPath } from '../../lib/buffers.js';
import type { Git } from '../git/git.js';
import { verifyFile } from '../objects/content-check.js';
import { createPermissions, sharingOf } from '../objects/permissions.js';
import type { RepositoryLocation } from '../repository.js';
import type { Settings } from '../settings/settings.js';
import { type KeysDatabase, openKeysDatabase } from './database.js';
import { type InodeCache, inodeCacheOf } from './inode-cache.js';
import { createPointerFileList } from './pointer-files.js';
import { leftToRestage, noteRestaged, type Restaged, restage } from './restage.js';
import type { UnlockedFiles } from './unlocked-files.js';
import { createWorkTreeFiles } from './work-tree-files.js';

export interface UnlockedFilesOptions {
  readonly location: RepositoryLocation;
  readonly annexDir: ByteString;
  readonly uuid: Uuid;
  readonly settings: Settings;
  readonly git: Git;
  /** The index in use, where it is not the repository's own (in the pre-commit hook). */
  readonly indexPath?: ByteString | undefined;
}

/** Opens the unlocked files of a work tree; reads nothing until asked. A bare repository has none. */
export function openUnlockedFiles(options: UnlockedFilesOptions): UnlockedFiles {
  const { workTree, gitDir } = options.location;
  return workTree === undefined
    ? noUnlockedFiles
    : workTreeUnlockedFiles(options, workTree, options.indexPath ?? (`${gitDir}/index` as ByteString));
}

/** Where there is no work tree, or no file of it has a key that is asked about. */
export const noUnlockedFiles: UnlockedFiles = {
  unfilled: [],
  filesOf: async () => [],
  populate: async () => undefined,
  depopulate: async () => true,
  unlock: async () => undefined,
  resumeUnlock: async () => undefined,
  relink: async () => false,
  intactState: async () => undefined,
  unmodified: async () => true,
  remember: () => undefined,
  disown: () => undefined,
  keysInState: async () => [],
  flush: async () => undefined,
  restageLeft: async () => true,
  close: async () => undefined,
};

function workTreeUnlockedFiles(
  options: UnlockedFilesOptions,
  workTree: ByteString,
  indexPath: ByteString,
): UnlockedFiles {
  const { annexDir, settings, git } = options;
  const hashBytes = settings.get('extensions.objectformat') === 'sha256' ? 32 : 20;
  const pointers = createPointerFileList(indexPath, git, hashBytes);
  const files = createWorkTreeFiles(workTree, annexDir, (path, cache) =>
    noteRestaged(annexDir, { path, cache }),
  );
  const permissions = createPermissions(sharingOf(settings), false);
  const custom = settings.get('annex.dbdir');
  const databasePlace = custom ? (`${custom}/${options.uuid}` as ByteString) : annexDir;
  let database: { readonly opened: Promise<KeysDatabase | undefined>; readonly created: boolean } | undefined;
  let restaged: Restaged[] = [];
  let additions: [Key, InodeCache][] = [];
  const forgotten = new Set<Key>();
  let disowned: InodeCache[] = [];
  const unfilled: ByteString[] = [];

  async function openDatabase(create: boolean): Promise<KeysDatabase | undefined> {
    if (database === undefined || (create && !database.created)) {
      const before = await database?.opened;
      const opened =
        before === undefined ? openKeysDatabase(databasePlace, annexDir, create) : Promise.resolve(before);
      database = { opened, created: create };
    }
    return database.opened;
  }

  function add(key: Key, ...caches: (InodeCache | undefined)[]): void {
    for (const cache of caches) if (cache !== undefined) additions.push([key, cache]);
  }

  async function isKnown(key: Key, cache: InodeCache): Promise<boolean> {
    if (additions.some(([other, state]) => other === key && state === cache)) return true;
    return !forgotten.has(key) && (await openDatabase(false))?.inodeCaches(key).has(cache) === true;
  }

  /** By what is remembered, else by hashing it. What the key cannot tell counts as modified. */
  async function holds(key: Key, file: ByteString, hashing?: () => void): Promise<InodeCache | undefined> {
    const cache = inodeCacheOf(file);
    if (cache === undefined) return undefined;
    if (await isKnown(key, cache)) return cache;
    const size = keySize(key);
    if (size !== undefined && lstatSync(toPath(file)).size !== size) return undefined;
    hashing?.();
    return (await verifyFile(key, file)) === true && inodeCacheOf(file) === cache ? cache : undefined;
  }

  function placed(path: ByteString, key: Key, object: ByteString | undefined, cache: InodeCache): void {
    restaged.push({ path, cache });
    if (object !== undefined) add(key, inodeCacheOf(object), cache);
  }

  async function flush(): Promise<void> {
    if (additions.length + forgotten.size + disowned.length > 0) {
      const opened = await openDatabase(additions.length > 0);
      opened?.write(additions, [...forgotten], disowned);
      additions = [];
      disowned = [];
      forgotten.clear();
    }
    const pending = restaged;
    restaged = [];
    if (pending.length > 0) await restage({ annexDir, workTree, indexPath, hashBytes, git }, pending);
  }

  /** A run that was killed had filled these files; what they hold is not known yet if it could not write it. */
  async function rememberLeft(states: ReadonlyMap<ByteString, InodeCache>): Promise<void> {
    for (const [key, paths] of await pointers.current()) {
      for (const path of paths) {
        const cache = states.get(path);
        const file = cache === undefined ? undefined : files.locate(path);
        if (file === undefined || inodeCacheOf(file) !== cache || files.pointerAt(path) !== undefined)
          continue;
        const size = keySize(key);
        if (size === undefined || lstatSync(toPath(file)).size === size) add(key, cache);
      }
    }
  }

  /** The content is here all the same: it can be filled in later. */
  const noteUnfilled = (path: ByteString) => (error: NodeJS.ErrnoException) => {
    if (!['ENOSPC', 'EDQUOT', 'EACCES', 'EPERM', 'EROFS'].includes(error.code ?? '')) throw error;
    unfilled.push(path);
    return undefined;
  };

  const filesOf = async (key: Key) => (await pointers.current()).get(key) ?? [];

  return {
    filesOf,
    unfilled,
    async populate(key, object) {
      let thin = settings.bool('annex.thin', false);
      for (const path of await filesOf(key)) {
        if (files.pointerAt(path) !== key) continue;
        const link = thin && canLink(object, workTree, path);
        if (link) makeWritable(object, lstatSync(toPath(`${workTree}/${path}` as ByteString)).mode);
        const cache = await files.fill(path, key, object, link).catch(noteUnfilled(path));
        if (cache === undefined) continue;
        thin = thin && !link;
        placed(path, key, object, cache);
      }
    },
    async unlock(path, key, object) {
      const made = (object === undefined ? 0o666 & ~process.umask() : lstatSync(toPath(object)).mode) | 0o200;
      const mode = permissions.fileMode(made & 0o777) ?? made & 0o777;
      const thin = settings.bool('annex.thin', false);
      const link = object !== undefined && thin && canLink(object, workTree, path);
      if (link) makeWritable(object, mode);
      const cache = await files.put(path, { key, object, link, mode }, (file) => linkedKey(file) === key);
      if (cache === undefined) return undefined;
      placed(path, key, object, cache);
      return mode;
    },
    async resumeUnlock(path, key, object) {
      const file = files.locate(path);
      if (file === undefined || !lstatSync(toPath(file)).isFile()) return undefined;
      let state: InodeCache | undefined;
      if (files.pointerAt(path) === undefined) state = await holds(key, file);
      else if (files.pointerAt(path) !== key) return undefined;
      else if (object === undefined) state = inodeCacheOf(file);
      else state = await files.fill(path, key, object, false);
      if (state === undefined) return undefined;
      placed(path, key, object, state);
      return lstatSync(toPath(file)).mode & 0o777;
    },
    async relink(path, key, object) {
      const file = files.locate(path);
      if (file === undefined || files.pointerAt(path) !== undefined) return false;
      const link = settings.bool('annex.thin', false);
      const now = lstatSync(toPath(file));
      const linked = now.ino === lstatSync(toPath(object)).ino;
      if (linked === link || (link && !canLink(object, workTree, path))) return false;
      const state = await holds(key, file);
      if (state === undefined || (await holds(key, object)) === undefined) return false;
      if (link) makeWritable(object, now.mode);
      const content = { key, object, link, mode: now.mode };
      const cache = await files.put(path, content, (at) => inodeCacheOf(at) === state);
      if (cache !== undefined) placed(path, key, object, cache);
      return cache !== undefined;
    },
    intactState: holds,
    async depopulate(key) {
      let all = true;
      let any = false;
      for (const path of await filesOf(key)) {
        any = true;
        const file = files.locate(path);
        if (file === undefined || files.pointerAt(path) !== undefined) continue;
        const state = await holds(key, file);
        const cache = state === undefined ? undefined : await files.empty(path, key, state);
        if (cache === undefined) all = false;
        else restaged.push({ path, cache });
      }
      if (any) {
        additions = additions.filter(([other]) => other !== key);
        forgotten.add(key);
      }
      return all;
    },
    async unmodified(key, object) {
      if ((await filesOf(key)).length === 0) return true;
      const state = await holds(key, object);
      add(key, state);
      return state !== undefined;
    },
    remember(key, ...paths) {
      add(key, ...paths.map(inodeCacheOf));
    },
    disown(file) {
      const cache = inodeCacheOf(file);
      if (cache === undefined) return;
      additions = additions.filter(([, state]) => state !== cache);
      disowned.push(cache);
    },
    async keysInState(file) {
      const cache = inodeCacheOf(file);
      if (cache === undefined || disowned.includes(cache)) return [];
      const recent = additions.filter(([, state]) => state === cache).map(([key]) => key);
      return [...recent, ...((await openDatabase(false))?.keysWith(cache) ?? [])];
    },
    flush,
    async restageLeft() {
      const states = new Map(leftToRestage(annexDir).map(({ path, cache }) => [path, cache]));
      if (states.size === 0) return true;
      await rememberLeft(states);
      await flush();
      return restage({ annexDir, workTree, indexPath, hashBytes, git }, [], 0);
    },
    async close() {
      try {
        await flush();
      } finally {
        files.close();
        (await database?.opened)?.close();
        database = undefined;
      }
    },
  };
}

/** Whether an object may be linked into the work tree (`annex.thin`). Not where it already has another link. */
function canLink(object: ByteString, workTree: ByteString, path: ByteString): boolean {
  const { nlink, dev } = lstatSync(toPath(object));
  return nlink === 1 && dev === lstatSync(toPath(`${workTree}/${path}` as ByteString)).dev;
}

/** Through its link the object may be written. */
function makeWritable(object: ByteString, mode: number): void {
  chmodSync(toPath(object), (mode | 0o200) & 0o777);
}

/** The key that a symlink leads to. */
function linkedKey(file: ByteString): Key | undefined {
  try {
    return parseSymlink(fromBuffer(readlinkSync(toPath(file), { encoding: 'buffer' })));
  } catch {
    return undefined;
  }
}
