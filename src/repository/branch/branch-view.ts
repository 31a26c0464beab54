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
   * @param lookUp journal files are looked for one by one, as they are asked for, instead of listed: for few paths in a
   *   journal that may be long. Only for the holder of the journal lock, from whom nobody can commit them away.
   */
  view(unmerged: readonly ByteString[], lookUp?: boolean): Promise<BranchView>;
} {
  let trees = new Map<ByteString, BranchTree>();

  return {
    async view(unmerged, lookUp = false) {
      // The journals first: what is committed between the two looks is then in the branch.
      const paths = lookUp ? undefined : journal.paths();
      const privatePaths = lookUp ? undefined : privateJournal?.paths();
      const read = (
        from: Journal | undefined,
        listed: ReadonlySet<ByteString> | undefined,
        path: ByteString,
      ) => (lookUp || listed?.has(path) ? from?.read(path) : undefined);
      const tip = await git.resolve(branchRef);
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
        const journalled = read(journal, paths, path);
        if (journalled === undefined) return committed(path);
        if (unmerged.length === 0) return journalled;
        return unionMerge(journalled, await committed(path));
      };
      return {
        commits,
        public: shared,
        async all(path) {
          const content = await shared(path);
          const secret = read(privateJournal, privatePaths, path);
          return secret === undefined ? content : unionMerge(content, secret);
        },
        journalled: () =>
          new Set([...(paths ?? journal.paths()), ...(privatePaths ?? privateJournal?.paths() ?? [])]),
      };
    },
  };
}
