import { unionMerge, unionMergeAll } from '../../domain/logs/union-merge.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Git } from '../git/git.js';
import { branchRef } from './branch-parts.js';
import { type BranchTree, openBranchTree } from './branch-tree.js';
import type { Journal } from './journal.js';

/** What is read at one moment: journals, the branch, and unmerged branches where they cannot be merged. */
export interface BranchView {
  /** What everybody may know: the journal's content, else the branch's. */
  public(path: ByteString): Promise<ByteString>;
  /** That and what is known only here. */
  all(path: ByteString): Promise<ByteString>;
  /** Paths that a journal has something for. */
  journalled(): Set<ByteString>;
  /** Commits whose trees make up the rest. */
  readonly commits: readonly ByteString[];
}

export interface ViewParts {
  readonly git: Git;
  readonly journal: Journal;
  /** Undefined where no repository is private. */
  readonly privateJournal: Journal | undefined;
}

/** Makes views; trees are kept from one to the next while the commits stay the same. */
export function createViewer({ git, journal, privateJournal }: ViewParts): {
  /**
   * @param only the paths that will be asked for: their journal files are read at once, and the journal, which may be long, is
   *   not listed
   * @param known the commit the branch is at, where the holder of the journal lock has looked already
   */
  view(
    unmerged: readonly ByteString[],
    only?: readonly ByteString[],
    known?: ByteString,
  ): Promise<BranchView>;
} {
  let trees = new Map<ByteString, BranchTree>();

  return {
    async view(unmerged, only, known) {
      // The journals first: what is committed between the two looks is then in the branch.
      const journalled = look(journal, only);
      const secret = privateJournal && look(privateJournal, only);
      const tip = known ?? (await git.resolve(branchRef));
      const commits = tip === undefined ? [...unmerged] : [tip, ...unmerged];
      const next = new Map<ByteString, BranchTree>();
      for (const commit of commits) {
        next.set(commit, trees.get(commit) ?? openBranchTree(git, commit, commit.length / 2));
      }
      trees = next;
      const committed = async (path: ByteString): Promise<ByteString> => {
        const [only, ...more] = next.values();
        if (only === undefined) return '' as ByteString;
        if (more.length === 0) return only.content(path);
        const contents = await Promise.all([...next.values()].map((tree) => tree.content(path)));
        return unionMergeAll('' as ByteString, contents);
      };
      const shared = async (path: ByteString): Promise<ByteString> => {
        const latest = journalled.read(path);
        if (latest === undefined) return committed(path);
        if (unmerged.length === 0) return latest;
        return unionMerge(latest, await committed(path));
      };
      return {
        commits,
        public: shared,
        async all(path) {
          const content = await shared(path);
          const hidden = secret?.read(path);
          return hidden === undefined ? content : unionMerge(content, hidden);
        },
        journalled: () => new Set([...journalled.paths(), ...(secret?.paths() ?? [])]),
      };
    },
  };
}

/** A journal as it is now: what it lists, or what it has for a few paths. */
function look(journal: Journal, only: readonly ByteString[] | undefined): Pick<Journal, 'paths' | 'read'> {
  if (only === undefined) {
    const listed = journal.paths();
    return { paths: () => listed, read: (path) => (listed.has(path) ? journal.read(path) : undefined) };
  }
  const found = new Map<ByteString, ByteString>();
  for (const path of only) {
    const content = journal.read(path);
    if (content !== undefined) found.set(path, content);
  }
  return { paths: () => new Set(found.keys()), read: (path) => found.get(path) };
}
