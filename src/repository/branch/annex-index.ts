import { existsSync, readFileSync } from 'node:fs';
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
  /**
   * Brings the index to a commit.
   * @param changes what differs from the commit `from`, where that is known and not too much
   */
  follow(commit: ByteString, from?: ByteString, changes?: TreeChanges): Promise<void>;
  /** Brings the index to a commit the branch is about to be moved to, so that removed files stay removed in a crash. */
  prepare(commit: ByteString): Promise<void>;
}

/** With more changes than this, reading the whole tree is as fast as changing the index. */
const mostChanges = 5000;

export function openAnnexIndex(git: Git, annexDir: ByteString): AnnexIndex {
  const index = `${annexDir}/index` as ByteString;
  const marker = `${annexDir}/index.lck` as ByteString;
  const env = { GIT_INDEX_FILE: index };
  const zero = '0'.repeat(64);

  const basis = (): ByteString | undefined => {
    try {
      const text = fromBuffer(readFileSync(toPath(marker))).trim();
      return /^[0-9a-f]{40,64}$/.test(text) ? (text as ByteString) : undefined;
    } catch {
      return undefined;
    }
  };
  const readWhole = async (commit: ByteString): Promise<void> => {
    if (existsSync(toPath(index))) await git.run(['read-tree', commit], { env });
  };
  return {
    basis,
    async follow(commit, from, changes) {
      if (changes !== undefined && from !== undefined && basis() === from && changes.size <= mostChanges) {
        if (existsSync(toPath(index))) {
          const lines = [...changes].map(([path, sha]) =>
            sha === undefined ? `0 ${zero.slice(0, commit.length)}\t${path}\0` : `100644 ${sha}\t${path}\0`,
          );
          await git.run(['update-index', '-z', '--index-info'], { env, input: lines.join('') as ByteString });
        }
      } else {
        await readWhole(commit);
      }
      replaceFile(marker, `${commit}\n` as ByteString);
    },
    prepare: readWhole,
  };
}
