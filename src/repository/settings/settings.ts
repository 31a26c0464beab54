import type { ByteString } from '../../lib/bytes.js';

/**
 * git config as git-annex reads it, then ours (`annex-ts.*`) with cosmiconfig files below it. One `git config -z --list`
 * per process. Names are as git gives them: section and variable in lower case, subsection as written.
 */
export interface Settings {
  /** The last value; undefined when unset. A valueless variable is `true`. */
  get(name: string): ByteString | undefined;
  getAll(name: string): readonly ByteString[];
  /** git's booleans; a bad one throws `invalid-setting` naming it. */
  bool(name: string, fallback: boolean): boolean;
  /** A whole number, with git's k/m/g suffixes. */
  int(name: string, fallback: number): number;
  /** A size as git-annex writes them (`100 MB`, `1 gigabyte`), in bytes. */
  bytes(name: string, fallback: number): number;
  /** Names of all subsections of a section: `remotes('remote')`. */
  subsections(section: string): readonly ByteString[];
  /** Writes to the repository's own git config and to this object. Undefined unsets. */
  set(name: string, value: ByteString | undefined): Promise<void>;
  /** Values of the git-annex branch's config.log come below git config; the caller hands them in once read. */
  useBranchDefaults(values: ReadonlyMap<string, ByteString>): void;
}
