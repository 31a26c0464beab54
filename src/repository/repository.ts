import type { ByteString } from '../lib/bytes.js';
import type { Uuid } from '../domain/uuid.js';
import type { AnnexBranch } from './branch/annex-branch.js';
import type { Git } from './git/git.js';
import type { ObjectStore } from './objects/object-store.js';
import type { Settings } from './settings/settings.js';
import type { TransferLocks } from './transfers/transfer-locks.js';
import type { UnlockedFiles } from './keys-db/unlocked-files.js';

/** Where the parts of a git repository are: absolute paths. */
export interface RepositoryLocation {
  /** The git directory of this work tree (`.git`, `.git/worktrees/NAME`, or the bare repository itself). */
  readonly gitDir: ByteString;
  /** The git directory shared by all work trees; `annex/` is in it. */
  readonly commonDir: ByteString;
  /** Undefined in a bare repository. */
  readonly workTree: ByteString | undefined;
}

/** An opened, initialised local repository: plain parts, wired by `operations/open-repository.ts`. */
export interface Repository {
  readonly location: RepositoryLocation;
  /** `<commonDir>/annex`. */
  readonly annexDir: ByteString;
  readonly uuid: Uuid;
  readonly settings: Settings;
  readonly git: Git;
  readonly branch: AnnexBranch;
  readonly objects: ObjectStore;
  readonly transfers: TransferLocks;
  readonly unlocked: UnlockedFiles;
  /** Commits what is still journalled unless told not to, and ends child processes. Never throws twice. */
  close(): Promise<void>;
}
