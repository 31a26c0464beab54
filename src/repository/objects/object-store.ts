import type { ByteString } from '../../lib/bytes.js';
import type { Key } from '../../domain/key.js';
import type { SafeDropProof } from '../../domain/drop-proof.js';
import type { ContentCheck } from './content-check.js';

/** A lock held on content or on a file; releasing twice does nothing. */
export interface HeldLock {
  release(): void;
}

/**
 * The contents in `.git/annex/objects`. Calls on single small things are synchronous on purpose: a syscall costs a few
 * microseconds, a trip through the thread pool fifty.
 */
export interface ObjectStore {
  /** Where the content is now (both hash directories are tried); undefined when it is not present. */
  locate(key: Key): ByteString | undefined;
  /** Where the content belongs in this repository. */
  pathFor(key: Key): ByteString;
  /** `.git/annex/tmp/<key file>`: partial content, resumable. The folder exists afterwards. */
  tmpPath(key: Key): ByteString;
  /**
   * Puts a complete, verified file in place (rename), with lockdown permissions. The source is gone afterwards. When the
   * content is present already the source is deleted. Populates unlocked work tree files that want the key.
   * @throws AnnexError `invalid-setting` when `annex.securehashesonly` forbids the key
   */
  admit(key: Key, file: ByteString): Promise<void>;
  /** Tells that it is recorded where these contents are; until then a crash would leave them to be found by `Arrivals`. */
  recorded(keys: readonly Key[]): void;
  /** Makes all that was admitted before durable; many admissions share one barrier. */
  barrier(): Promise<void>;
  /**
   * Removes content; the proof is made by whoever verified the copies. Resets unlocked files to pointers. The caller holds
   * `lockExclusive` and releases it afterwards; without it, `internal` is thrown. A proof for another key or one that has
   * expired (by `performance.now()`) throws `copies-insufficient`.
   */
  remove(key: Key, proof: SafeDropProof): Promise<void>;
  /** Keeps the content from being dropped (shared lock); undefined when it is absent or being dropped. */
  lockShared(key: Key): HeldLock | undefined;
  /**
   * As `lockShared`, for a client that may vanish: `abandon` ends the lock, but the content is kept until `seconds` from when
   * it was locked. That also holds when this process is killed.
   */
  lockRetained(key: Key, seconds: number): (HeldLock & { abandon(): void }) | undefined;
  /** Sole holder, needed to drop; undefined when somebody holds it. */
  lockExclusive(key: Key): HeldLock | undefined;
  /** Whether a file's content matches the key: hashes it once. Undefined: the key's backend cannot tell. */
  verify(key: Key, file: ByteString, onBytes?: (bytes: number) => void): Promise<boolean | undefined>;
  /** Makes checks that see a content pass by (a copy, a download); resolves at once for the common hashes. */
  contentChecks(key: Key): Promise<() => ContentCheck>;
  /** Moves bad content to `.git/annex/bad/`; gives the new path. */
  quarantine(key: Key): ByteString;
  /** All keys whose content is present: one walk. */
  keys(): AsyncIterable<Key>;
  /** Throws `AnnexError('disk-reserve')` when `bytes` more would leave less than `annex.diskreserve`. */
  reserve(bytes: number): void;
}
