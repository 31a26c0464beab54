import type { Repository, Scene } from './scene.js';
import { must } from './scene.js';

/** What lies at a path of a tree: content, or another kind of entry. */
export type Entry = string | { readonly mode: string; readonly content: string };

/**
 * Commits files (byte strings) to a repository's git-annex branch, whatever their paths and contents are: the tree
 * objects are built here, because git's own tools refuse some of them. Other files of the branch stay.
 */
export function putOnBranch(scene: Scene, repository: Repository, files: ReadonlyMap<string, Entry>): void {
  const git = (args: readonly string[], input = '') =>
    must(scene.run('git', args, repository.path, { input }), `git ${args[0]}`).stdout;
  const store = (type: string, content: string) =>
    git(['hash-object', '-w', '-t', type, '--stdin', '--literally'], content).trim();

  type Tree = Map<string, { mode: string; sha: string } | Tree>;
  const root: Tree = new Map();
  const put = (path: string, mode: string, sha: string) => {
    const names = path.split('/');
    const last = names.pop() ?? '';
    let tree = root;
    for (const name of names) {
      let next = tree.get(name);
      if (!(next instanceof Map)) {
        next = new Map();
        tree.set(name, next);
      }
      tree = next;
    }
    tree.set(last, { mode, sha });
  };
  for (const line of git(['ls-tree', '-r', '-z', 'git-annex']).split('\0').filter(Boolean)) {
    const [, mode = '', sha = '', path = ''] = /^(\d+) \w+ (\w+)\t([\s\S]*)$/.exec(line) ?? [];
    put(path, mode, sha);
  }
  for (const [path, entry] of files) {
    const { mode, content } = typeof entry === 'string' ? { mode: '100644', content: entry } : entry;
    put(path, mode, mode === '160000' ? content : store('blob', content));
  }
  const write = (tree: Tree): string => {
    const entries = [...tree].map(([name, value]) =>
      value instanceof Map
        ? { name, order: `${name}/`, mode: '40000', sha: write(value) }
        : { name, order: name, ...value },
    );
    entries.sort((a, b) => (a.order < b.order ? -1 : 1));
    const bytes = entries.map(
      ({ mode, name, sha }) => `${mode} ${name}\0${Buffer.from(sha, 'hex').toString('latin1')}`,
    );
    return store('tree', bytes.join(''));
  };
  const commit = git(['commit-tree', '-p', 'git-annex', '-m', 'update', write(root)]).trim();
  git(['update-ref', 'refs/heads/git-annex', commit]);
}
