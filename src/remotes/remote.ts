import type { ByteString } from '../lib/bytes.js';
import type { Key } from '../domain/key.js';
import type { Uuid } from '../domain/uuid.js';
import type { SafeDropProof } from '../domain/drop-proof.js';
import type { AnnexError } from '../domain/errors.js';

/** One key to move, with the work tree file it is for (shown to people, and told to the other side). */
export interface TransferRequest {
  readonly key: Key;
  readonly file: ByteString | undefined;
}

/** What became of one request. `request` is the object that was given. */
export type TransferResult<R extends TransferRequest = TransferRequest> =
  | {
      readonly request: R;
      readonly ok: true;
      /** False when it was there already. */
      readonly moved: boolean;
      /** Other repositories that, the remote says, have the content too (nodes of a cluster). */
      readonly also?: readonly Uuid[];
    }
  | { readonly request: R; readonly ok: false; readonly error: AnnexError };

/** Absent and could-not-ask are different outcomes. */
export type Presence = 'present' | 'absent' | AnnexError;

export interface TransferContext<R extends TransferRequest = TransferRequest> {
  readonly signal: AbortSignal;
  /**
   * Bytes done so far of this request, those found from an earlier attempt included. Where a promise comes back, the remote
   * waits for it before it moves more of this request: that is how bandwidth is limited.
   */
  readonly onProgress?: (request: R, bytes: number) => Promise<void> | undefined;
  /** So many bytes are there from an earlier attempt, and need not be moved. Called before `onProgress`, if at all. */
  readonly onResume?: (request: R, bytes: number) => void;
  /** Called when a request's turn comes. */
  readonly onStart?: (request: R) => void;
  /**
   * Whether the content can be had elsewhere: where transfers with this remote are paused, or one has just stalled, the request
   * fails with `transfer-deferred` then, instead of waiting for its turn.
   */
  readonly elsewhere?: (request: R) => boolean;
  /** `--force`: goes on although the receiver's `annex.diskreserve` would be touched. */
  readonly ignoreReserve?: boolean;
}

/** A content to look at as a remote has it. */
export interface ExamineRequest {
  readonly key: Key;
  /** Where a copy may be put; it need not be there yet. The caller deletes it. */
  readonly scratch: ByteString;
}

/** A file to read the content from: the remote's own file, or the scratch file. */
export type ExamineResult<R extends ExamineRequest = ExamineRequest> =
  | { readonly request: R; readonly file: ByteString; readonly error: undefined }
  | { readonly request: R; readonly file: undefined; readonly error: AnnexError };

/** Content kept from being dropped on a remote while held. */
export interface RemoteContentLock {
  readonly uuid: Uuid;
  /** Monotonic milliseconds until which the remote promises to keep it should the connection break. */
  readonly expires: number | undefined;
  release(): Promise<void>;
}

export interface RemovalContext {
  readonly signal: AbortSignal;
  /**
   * Told of contents that go next, and waited for. Their absence can be recorded here before: a crash in between then leaves
   * a log that claims too little, never one that claims too much.
   */
  readonly onRemoving?: (keys: readonly Key[]) => Promise<void>;
}

/**
 * A place that holds content. Sets in, results out: results come in any order, one per request, and a single key is a
 * stream of one. A method that fails for one key says so in that key's result; it throws only when the remote as a whole
 * cannot be used (`remote-unavailable`).
 */
export interface Remote {
  readonly name: ByteString;
  readonly uuid: Uuid;
  /** Cheaper first; 100 local, 200 over a network. */
  readonly cost: number;
  readonly readonly: boolean;
  /** Verified content goes into the local store; locations are recorded by the caller. */
  retrieve<R extends TransferRequest>(
    requests: AsyncIterable<R>,
    context: TransferContext<R>,
  ): AsyncIterable<TransferResult<R>>;
  /** Sends local content. The remote records its own location log where it is a repository. */
  store<R extends TransferRequest>(
    requests: AsyncIterable<R>,
    context: TransferContext<R>,
  ): AsyncIterable<TransferResult<R>>;
  /**
   * Gives contents as the remote has them, unchecked: for finding out whether they are still right (`fsck --from`). Remotes
   * without it can't be asked.
   */
  readonly examine?: <R extends ExamineRequest>(
    requests: AsyncIterable<R>,
    context: { readonly signal: AbortSignal },
  ) => AsyncIterable<ExamineResult<R>>;
  /** Removes content for which a drop proof stands. */
  remove(
    requests: AsyncIterable<{ readonly key: Key; readonly proof: SafeDropProof }>,
    context: RemovalContext,
  ): AsyncIterable<{ readonly key: Key; readonly error: AnnexError | undefined }>;
  presence(
    keys: AsyncIterable<Key>,
    context: { readonly signal: AbortSignal },
  ): AsyncIterable<{ readonly key: Key; readonly presence: Presence }>;
  /** Locks content there; undefined when it is absent, `AnnexError` when it could not be asked. */
  lockContent(key: Key): Promise<RemoteContentLock | AnnexError | undefined>;
  /** It can lock no content at all: what `presence` finds is all that is known of a copy there. */
  readonly locksNothing?: true;
  /**
   * How many more contents it can keep locked at the same time, at a reasonable cost; a remote without it sets no limit. At
   * zero, locks are to be released before the next one is taken.
   * @param wanted contents that are still to be locked
   */
  readonly freeLocks?: (wanted: number) => number;
  close(): Promise<void>;
}
