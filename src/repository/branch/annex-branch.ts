import type { Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';

/** A file of the git-annex branch and its content. */
export interface BranchFile {
  readonly path: ByteString;
  /** Empty when the branch has no such file. */
  readonly content: ByteString;
}

/** A change to one file: from its present content (journal included) to the new one. The same content: no change. */
export interface BranchChange {
  readonly path: ByteString;
  readonly change: (content: ByteString) => ByteString;
  /**
   * The repository the change speaks of. What is said of a private one (`annex.private`, `remote.<name>.annex-private`)
   * goes to the private journal, and never to the branch.
   */
  readonly about?: Uuid | undefined;
  /** Lines that make the change when they are put at the end. With `annex.alwayscompact=false` that is done, without reading the file. */
  readonly lines?: ByteString | undefined;
}

/**
 * The git-annex branch of one repository, journal included. What is read holds what other repositories' branches
 * (`refs/remotes/<name>/git-annex`, `synced/git-annex`) know, since they are merged (or, in a repository that may not be
 * written, read beside) before the first read.
 */
export interface AnnexBranch {
  /** One file, journal first. */
  read(path: ByteString): Promise<ByteString>;
  /** Many files, in the order asked, pipelined. */
  readMany(paths: AsyncIterable<ByteString> | Iterable<ByteString>): AsyncIterable<BranchFile>;
  /** Every file whose path `wanted` accepts, each once, in no promised order: one pass over the tree and the journal. */
  readAll(wanted: (path: ByteString) => boolean): AsyncIterable<BranchFile>;
  /**
   * Applies changes under the journal lock and journals the results; they are durable against a crash of this process
   * when the promise resolves. Many changes in one call cost one lock; a thousand or more are committed right away
   * (unless `annex.alwayscommit` is false), which is far cheaper than as many journal files.
   */
  change(changes: readonly BranchChange[]): Promise<void>;
  /** Commits the journal to the branch. Nothing journalled: no commit. Resolves to whether a commit was made. */
  commit(message?: string): Promise<boolean>;
  /**
   * Merges all other known git-annex branches that have something new. Done once per process by the first read or change
   * (unless `annex.merge-annex-branches` is false); a call after a fetch does it again.
   */
  update(): Promise<void>;
  /** Makes the branch when it does not exist: from `origin/git-annex`, else empty. */
  create(): Promise<void>;
  /**
   * Forgets the branch's history, and with `dropDead` also what is recorded of dead repositories; other repositories do
   * the same when they merge this branch.
   */
  forget(options: { readonly dropDead: boolean }): Promise<void>;
  /** The commit the branch is at; undefined before it exists. */
  tip(): Promise<ByteString | undefined>;
  close(): Promise<void>;
}
