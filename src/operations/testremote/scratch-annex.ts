import { createHash, randomBytes } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
} from 'node:fs';
import { dirname } from 'node:path/posix';
import { AnnexError } from '../../domain/errors.js';
import { type Key, parseKey } from '../../domain/key.js';
import type { Uuid } from '../../domain/uuid.js';
import { fromBuffer, toBuffer, toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import { noUnlockedFiles } from '../../repository/keys-db/open-unlocked-files.js';
import { type FileLock, tryFileLock } from '../../repository/locks/file-lock.js';
import { nativeLocks } from '../../repository/locks/fs-extensions.js';
import { openObjectStore } from '../../repository/objects/open-object-store.js';
import { createPermissions, sharingOf } from '../../repository/objects/permissions.js';
import type { Repository } from '../../repository/repository.js';
import { openTransferLocks } from '../../repository/transfers/open-transfer-locks.js';

/**
 * A store for contents beside that of a repository, in a folder of its own below `.git/annex/annex-ts/testremote`. What a
 * remote that was made for `repository` retrieves, keeps and locks stays in there, so that no content of the user's is ever
 * touched, and all of it goes at once.
 */
export interface ScratchAnnex {
  /** The repository, with the scratch store in the place of its own. */
  readonly repository: Repository;
  /** Where original contents may be put. */
  readonly folder: ByteString;
  /** Remembers that these keys may be on the remote until `remove`: whoever comes after a killed process removes them. */
  note(keys: readonly Key[]): void;
  remove(): void;
}

/** What a killed process left. */
export interface LeftScratch {
  /** Keys that may be on the remote. */
  readonly keys: readonly Key[];
  remove(): void;
  /** For the next who comes. */
  leave(): void;
}

/** Made anew. `remote` is who is tested. */
export function openScratchAnnex(here: Repository, remote: Uuid): ScratchAnnex {
  const name = `${prefixOf(remote)}${process.pid}-${randomBytes(4).toString('hex')}`;
  const path = `${baseOf(here)}/${name}` as ByteString;
  const folder = `${path}/originals` as ByteString;
  mkdirSync(toPath(folder), { recursive: true, mode: 0o700 });
  const lock = tryFileLock(`${path}/lock` as ByteString, 'exclusive');
  if (lock === undefined) throw new AnnexError('internal', 'a folder that was just made is locked');
  const annexDir = `${path}/annex` as ByteString;
  const { settings } = here;
  const objects = openObjectStore({
    commonDir: path,
    bare: false,
    version: VERSION,
    settings,
    tryLock: (file, shared) => nativeLocks().tryLock(file, 0, 0, { shared }),
    unlocked: noUnlockedFiles,
  });
  const transfers = openTransferLocks(annexDir, createPermissions(sharingOf(settings), false));
  return {
    repository: { ...here, annexDir, objects, transfers, unlocked: noUnlockedFiles, close: async () => {} },
    folder,
    note: (keys) =>
      appendFileSync(toPath(keysFile(path)), toBuffer(keys.map((key) => `${key}\n`).join('') as ByteString)),
    remove: () => removeScratch(path, lock),
  };
}

/** Takes over what processes left that tested this remote and are gone. */
export function takeLeftScratch(here: Repository, remote: Uuid): LeftScratch[] {
  const base = baseOf(here);
  if (!existsSync(toPath(base))) return [];
  const names = readdirSync(toPath(base), { encoding: 'latin1' });
  return names.flatMap((name) => {
    const path = `${base}/${name}` as ByteString;
    if (!name.startsWith(prefixOf(remote))) return [];
    const lock = tryFileLock(`${path}/lock` as ByteString, 'exclusive');
    if (lock === undefined) return [];
    const remove = () => removeScratch(path, lock);
    return [{ keys: keysIn(keysFile(path)), remove, leave: () => lock.release() }];
  });
}

/** git-annex's repository version, which says how contents are locked. */
const VERSION = 10;

const baseOf = ({ annexDir }: Repository): ByteString => `${annexDir}/annex-ts/testremote` as ByteString;
const keysFile = (path: ByteString): ByteString => `${path}/keys` as ByteString;

/** A uuid may be any text, so a folder can't be called like it. */
function prefixOf(remote: Uuid): string {
  return `${createHash('sha256').update(toBuffer(remote)).digest('hex').slice(0, 16)}.`;
}

function keysIn(file: ByteString): Key[] {
  if (!existsSync(toPath(file))) return [];
  return fromBuffer(readFileSync(toPath(file)))
    .split('\n')
    .flatMap((line) => parseKey(line) ?? []);
}

function removeScratch(path: ByteString, lock: FileLock): void {
  makeWritable(path);
  rmSync(toPath(path), { recursive: true, force: true });
  lock.release();
  try {
    rmdirSync(toPath(dirname(path) as ByteString));
  } catch {
    // Another test of a remote is running.
  }
}

/** Contents at rest are in folders that nothing can be deleted from. */
function makeWritable(path: ByteString): void {
  if (!lstatSync(toPath(path)).isDirectory()) return;
  chmodSync(toPath(path), 0o700);
  for (const name of readdirSync(toPath(path), { encoding: 'latin1' })) {
    makeWritable(`${path}/${name}` as ByteString);
  }
}
