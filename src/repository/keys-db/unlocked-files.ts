import type { ByteString } from '../../lib/bytes.js';
import type { Key } from '../../domain/key.js';
import type { InodeCache } from './inode-cache.js';

/**
 * Unlocked files: which work tree files are pointers to a key (git-annex's keys database), populated or not. Costs
 * nothing in a repository whose index holds no pointer file.
 */
export interface UnlockedFiles {
  /** Paths (relative to the work tree's top) of unlocked files with this key, as the index has them now. */
  filesOf(key: Key): Promise<readonly ByteString[]>;
  /** Writes the content (from the object) into unlocked files that are still pointers; git's index stays clean. */
  populate(key: Key, object: ByteString): Promise<void>;
  /** Files that `populate` had to leave as pointers, for want of space or permission. */
  readonly unfilled: readonly ByteString[];
  /** Turns unmodified populated files back into pointers. False when a file is modified and therefore stays. */
  depopulate(key: Key): Promise<boolean>;
  /**
   * Makes a locked file (its symlink leads to the key) an unlocked one: a copy of the object, a hard link where
   * `annex.thin` says so, or a pointer where there is no object. Gives the permissions of the file; undefined: its symlink was
   * gone by then. To be staged in git's index before `flush`.
   */
  unlock(path: ByteString, key: Key, object: ByteString | undefined): Promise<number | undefined>;
  /**
   * Takes a regular file that is a pointer to the key, or holds its content, for one that `unlock` has made before it was
   * killed, and fills it where it can. Gives its permissions; undefined: it is something else. To be staged before `flush`.
   */
  resumeUnlock(path: ByteString, key: Key, object: ByteString | undefined): Promise<number | undefined>;
  /** Makes an unmodified unlocked file a copy or a hard link of the object, as `annex.thin` says. False: nothing to do. */
  relink(path: ByteString, key: Key, object: ByteString): Promise<boolean>;
  /**
   * The state of a regular file (absolute path) that holds the key's content. Undefined: it does not, or the key cannot tell.
   * @param hashing told before the file has to be read
   */
  intactState(key: Key, file: ByteString, hashing?: () => void): Promise<InodeCache | undefined>;
  /** Whether the object file still is what was put there (an unlocked hard link may have been written through). */
  unmodified(key: Key, object: ByteString): Promise<boolean>;
  /** Remembers that these files (absolute paths) hold the key's content, unmodified: of an unlocked file just added. */
  remember(key: Key, ...files: ByteString[]): void;
  /** Forgets that this file (absolute path) holds any key's content: from now on it is git's. */
  disown(file: ByteString): void;
  /** The keys that a file (absolute path) is known to hold by its inode, size and time. */
  keysInState(file: ByteString): Promise<readonly Key[]>;
  /** Writes what is to be remembered, and git's index; before git itself looks at the work tree. `close` does the same. */
  flush(): Promise<void>;
  /** Writes into git's index what earlier runs could not, or were killed before. False: it is locked. */
  restageLeft(): Promise<boolean>;
  close(): Promise<void>;
}
