import type { ByteString } from '../../lib/bytes.js';

/** A finished git command. */
export interface GitResult {
  readonly exitCode: number;
  readonly stdout: ByteString;
  /** For people; credentials in urls are masked. */
  readonly stderr: string;
}

export interface GitRunOptions {
  readonly input?: ByteString;
  /** More environment; a value of undefined removes the variable. */
  readonly env?: { readonly [name: string]: string | undefined };
  /** Does not throw on these exit codes; default: only 0. `any` never throws for a code. */
  readonly accept?: readonly number[] | 'any';
  readonly signal?: AbortSignal;
  /** Where the child's stderr (and stdout, for commands whose output is for the user) goes. Default: captured. */
  readonly inherit?: boolean;
  readonly cwd?: ByteString;
}

/** An object read from the object database. */
export interface GitObject {
  readonly sha: ByteString;
  readonly type: 'blob' | 'tree' | 'commit' | 'tag';
  readonly content: ByteString;
}

/** Name of the hash that names objects (`extensions.objectFormat`). */
export type ObjectFormat = 'sha1' | 'sha256';

/** An object to be written. */
export interface NewObject {
  readonly type: GitObject['type'];
  readonly content: ByteString;
  /** Its name, where that is known already. */
  readonly name?: ByteString;
}

/** One entry of the index or of a tree. */
export interface GitEntry {
  /** `120000`, `100644`, `100755`, `160000`, `040000`. */
  readonly mode: ByteString;
  readonly sha: ByteString;
  /** Relative to the top of the work tree or of the tree listed. */
  readonly path: ByteString;
}

/**
 * git plumbing on one repository. Arguments are byte strings; a plain string must be ASCII. Commands run at the top of
 * the work tree (in a bare repository: the git directory) unless told another `cwd`. Every child gets a clean environment (hooks
 * set `GIT_DIR`, `GIT_INDEX_FILE`, `GIT_PREFIX`), `--literal-pathspecs`, `--` before paths, and no terminal prompt off a
 * terminal.
 * Long-lived children (`cat-file --batch`, `check-attr --stdin`) are started when first needed.
 */
export interface Git {
  /** Whether commits that nobody asked for are signed too (`annex.allowsign` with `commit.gpgSign`). */
  readonly signs: boolean;
  /** Runs git to its end. Throws `AnnexError('git-failed')` with git's last line for an unaccepted exit code. */
  run(args: readonly (string | ByteString)[], options?: GitRunOptions): Promise<GitResult>;
  /** Streams the NUL- or newline-separated records that a command prints. */
  records(
    args: readonly (string | ByteString)[],
    separator: '\0' | '\n',
    options?: GitRunOptions,
  ): AsyncIterable<ByteString>;
  /** One object by name (sha, `ref:path`); undefined when there is none. */
  object(name: ByteString): Promise<GitObject | undefined>;
  /**
   * Many objects, pipelined through one child, in the order asked. One above 256 MiB ends the stream with `git-failed`:
   * where that is possible, ask `objectInfo` first.
   */
  objects(names: AsyncIterable<ByteString> | Iterable<ByteString>): AsyncIterable<GitObject | undefined>;
  /** Type and size in bytes without the content, pipelined. */
  objectInfo(
    names: AsyncIterable<ByteString> | Iterable<ByteString>,
  ): AsyncIterable<{ sha: ByteString; type: GitObject['type']; size: number } | undefined>;
  /**
   * Index entries of the given paths and of all below them (all: none given), as `ls-files --stage`; unmerged entries come
   * once a stage. Paths that overlap may give an entry twice.
   */
  index(paths: readonly ByteString[]): AsyncIterable<GitEntry & { readonly stage: 0 | 1 | 2 | 3 }>;
  /** Entries of a tree-ish, recursively. */
  tree(treeish: ByteString, paths?: readonly ByteString[]): AsyncIterable<GitEntry>;
  /** The sha a ref points to. */
  resolve(ref: string | ByteString): Promise<ByteString | undefined>;
  /** Refs below the given prefixes. */
  refs(...prefixes: string[]): Promise<readonly { readonly name: ByteString; readonly sha: ByteString }[]>;
  /** Writes a blob and gives its sha; without a child process. */
  writeBlob(content: ByteString): Promise<ByteString>;
  /** Writes many objects (a large number becomes one pack); their shas in the order given, readable on resolving. */
  writeObjects(objects: readonly NewObject[]): Promise<ByteString[]>;
  /** The hash that names this repository's objects. */
  objectFormat(): Promise<ObjectFormat>;
  /** Puts entries into the real index (`update-index -z --index-info`); mode `0` removes the path. */
  stage(entries: readonly GitEntry[]): Promise<void>;
  /** Values of one attribute per path, pipelined; undefined for unspecified. */
  attribute(
    name: string,
    paths: AsyncIterable<ByteString> | Iterable<ByteString>,
  ): AsyncIterable<ByteString | undefined>;
  /** Ends the long-lived children. */
  close(): Promise<void>;
}
