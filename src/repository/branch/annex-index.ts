import { readFileSync, rmSync, statSync } from 'node:fs';
import { fromBuffer, toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Git } from '../git/git.js';
import type { TreeChanges } from '../git/tree-update.js';
import { replaceFile } from './merged-refs.js';

/**
 * git-annex keeps an index of the branch in `annex/index`, and in `annex/index.lck` (no lock at all) the commit that index
 * stands for. We need no index, but a running git-annex must find its own in step with what we commit: where the commit
 * differs it joins its old index to the branch, which brings back lines and files that were removed. It must never be
 * deleted: a git-annex that is running would start from an empty one, and its next commit would drop every other file.
 * All this is done under the journal lock.
 */
export interface AnnexIndex {
  /** The commit up to which all journal files known so far are based; undefined when that is not known. */
  basis(): ByteString | undefined;
  /** Brings the index to a commit made from the commit `from` by the changes. */
  follow(commit: ByteString, from: ByteString, changes: TreeChanges): Promise<void>;
  /**
   * Brings the index to a commit that joins others to what was there. A large index is left behind: git-annex will join
   * it to the branch, and since it has nothing the branch has not, that changes nothing.
   */
  followMerge(commit: ByteString): Promise<void>;
  /** Brings the index to a commit the branch is about to be moved to, so that removed files stay removed in a crash. */
  prepare(commit: ByteString): Promise<void>;
  /** Tells that the branch has been moved to the commit given to `prepare`. */
  finish(commit: ByteString): Promise<void>;
}

/** With more changes than this, reading the whole tree is as fast as changing the index. */
const mostChanges = 5000;
/** An index of more bytes (some 15,000 files) is not read anew just because it fell behind. */
const largeIndex = 2 * 1024 * 1024;

export function openAnnexIndex(git: Git, annexDir: ByteString): AnnexIndex {
  const index = `${annexDir}/index` as ByteString;
  const marker = `${annexDir}/index.lck` as ByteString;
  const env = { GIT_INDEX_FILE: index };

  const basis = (): ByteString | undefined => {
    try {
      const text = fromBuffer(readFileSync(toPath(marker))).trim();
      return /^[0-9a-f]{40,64}$/.test(text) ? (text as ByteString) : undefined;
    } catch {
      return undefined;
    }
  };
  const mark = (commit: ByteString): void => replaceFile(marker, `${commit}\n` as ByteString);
  const size = (): number => statSync(toPath(index), { throwIfNoEntry: false })?.size ?? 0;
  /** Who holds the journal lock is alone with the index; a lock of git's on it was left by a killed process. */
  const runOnIndex = async (
    args: readonly (string | ByteString)[],
    input = '' as ByteString,
  ): Promise<void> => {
    if (size() === 0) return;
    rmSync(toPath(`${index}.lock` as ByteString), { force: true });
    await git.run(args, { env, input });
  };
  const readWhole = (commit: ByteString): Promise<void> => runOnIndex(['read-tree', commit]);
  return {
    basis,
    async follow(commit, from, changes) {
      if (basis() === from && changes.size <= mostChanges) {
        await runOnIndex(['update-index', '-z', '--index-info'], indexInfo(changes, commit));
      } else if (basis() === from || size() <= largeIndex) {
        await readWhole(commit);
      } else {
        return;
      }
      mark(commit);
    },
    async followMerge(commit) {
      if (size() > largeIndex) return;
      await readWhole(commit);
      mark(commit);
    },
    prepare: readWhole,
    async finish(commit) {
      mark(commit);
    },
  };
}

function indexInfo(changes: TreeChanges, commit: ByteString): ByteString {
  const none = '0'.repeat(commit.length);
  const lines = [...changes].map(([path, sha]) =>
    sha === undefined ? `0 ${none}\t${path}\0` : `100644 ${sha}\t${path}\0`,
  );
  return lines.join('') as ByteString;
}
