import { parsePointer } from '../../domain/pointers.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Git } from '../../repository/git/git.js';
import type { MergeMarker } from './merge-marker.js';

/** What a tree has at a path. */
export interface TreeEntry {
  readonly mode: ByteString;
  readonly sha: ByteString;
}

/** A path that a merge changes in the work tree. */
export interface TouchedPath {
  readonly path: ByteString;
  readonly before: TreeEntry | undefined;
  /** What git writes there; undefined when it removes the file. */
  readonly after: TreeEntry | undefined;
}

/** Everything a merge does to the work tree, found without doing it. */
export interface MergeFootprint {
  readonly touched: readonly TouchedPath[];
  /** What git writes to a file of the work tree for a blob: pointers and links as they are, others through filters. */
  contents(path: ByteString, entry: TreeEntry): Promise<readonly ByteString[]>;
}

/** Bytes above which a file is not compared with what git would have written to it. */
const mostCompared = 64 * 1024 * 1024;

/**
 * What `git merge` of that commit changes. git before 2.38 can't tell; then: every path that the other side changed, with
 * the other side's version.
 */
export async function mergeFootprint(git: Git, { head, theirs, ref }: MergeMarker): Promise<MergeFootprint> {
  const from = head ?? (await emptyTree(git));
  const merged = head === undefined ? theirs : await mergedTree(git, head, theirs);
  const touched = await changes(git, from, merged ?? theirs);
  const label = flattened(ref);
  const theirsChanged = merged === undefined ? await namesChanged(git, from, theirs) : undefined;
  return {
    touched: touched
      .filter(({ path }) => theirsChanged?.has(path) ?? true)
      .map((entry) => ({ ...entry, path: entry.path.replace(`~${theirs}`, `~${label}`) as ByteString })),
    async contents(path, { mode, sha }) {
      if (mode === '160000') return [];
      for await (const info of git.objectInfo([sha])) if ((info?.size ?? 0) > mostCompared) return [];
      const content = (await git.object(sha))?.content;
      if (content === undefined) return [];
      const raw = content.replaceAll(`>>>>>>> ${theirs}`, `>>>>>>> ${ref}`) as ByteString;
      if (mode === '120000' || parsePointer(content) !== undefined) return [raw];
      const filtered = await git.run(['cat-file', '--filters', `--path=${path}` as ByteString, sha], {
        accept: 'any',
      });
      const shown = filtered.stdout.replaceAll(`>>>>>>> ${theirs}`, `>>>>>>> ${ref}`) as ByteString;
      return filtered.exitCode === 0 && shown !== raw ? [raw, shown] : [raw];
    },
  };
}

async function changes(git: Git, from: ByteString, to: ByteString): Promise<TouchedPath[]> {
  const touched: TouchedPath[] = [];
  let about: ByteString | undefined;
  for await (const record of git.records(['diff-tree', '-r', '-z', '--no-renames', from, to], '\0')) {
    if (about === undefined) {
      about = record;
      continue;
    }
    const [oldMode, newMode, oldSha, newSha] = about.slice(1).split(' ') as ByteString[];
    touched.push({ path: record, before: entryOf(oldMode, oldSha), after: entryOf(newMode, newSha) });
    about = undefined;
  }
  return touched;
}

function entryOf(mode: ByteString | undefined, sha: ByteString | undefined): TreeEntry | undefined {
  return mode === undefined || sha === undefined || mode === '000000' ? undefined : { mode, sha };
}

/** The tree that a merge writes into the work tree, conflict markers included; undefined when git can't tell. */
async function mergedTree(git: Git, head: ByteString, theirs: ByteString): Promise<ByteString | undefined> {
  const args = ['merge-tree', '--write-tree', '--allow-unrelated-histories', '-z', '--no-messages'];
  // The name HEAD is in the conflicts' markers.
  if ((await git.resolve('HEAD')) !== head) return undefined;
  const { exitCode, stdout } = await git.run(
    ['-c', 'merge.directoryRenames=false', ...args, 'HEAD', theirs],
    { accept: 'any' },
  );
  return exitCode > 1 ? undefined : (/^[0-9a-f]{40,64}/.exec(stdout)?.[0] as ByteString | undefined);
}

async function namesChanged(git: Git, head: ByteString, theirs: ByteString): Promise<Set<ByteString>> {
  const { stdout } = await git.run(['merge-base', head, theirs], { accept: 'any' });
  const base = stdout.trimEnd() as ByteString;
  return new Set(
    (await changes(git, base === '' ? await emptyTree(git) : base, theirs)).map(({ path }) => path),
  );
}

async function emptyTree(git: Git): Promise<ByteString> {
  return (await git.run(['mktree'], { input: '' as ByteString })).stdout.trimEnd() as ByteString;
}

/** A ref as git writes it into file names. */
function flattened(ref: ByteString): string {
  return ref.replaceAll('/', '_');
}
