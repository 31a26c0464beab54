import { parsePointer, parseSymlink, maxPointerSize } from '../../domain/pointers.js';
import type { Key } from '../../domain/key.js';
import type { ByteString } from '../../lib/bytes.js';
import type { ConflictSide, PathConflict } from '../../planning/sync-conflicts.js';
import type { Git, GitEntry } from '../../repository/git/git.js';

/** A conflict and where git has left its pieces. */
export interface UnmergedPath extends PathConflict {
  /** Paths of the index's unmerged entries and of the files git wrote for them: `path`, or `path~HEAD` and the like. */
  readonly pieces: readonly ByteString[];
  /** Which piece holds our side, which theirs. */
  readonly oursAt: ByteString | undefined;
  readonly theirsAt: ByteString | undefined;
}

type Unmerged = GitEntry & { readonly stage: number };

/** The conflicts in git's index, by the path both sides mean; empty when there is none. */
export async function unmergedPaths(
  git: Git,
  ours: ByteString = 'HEAD' as ByteString,
  theirs: ByteString = 'MERGE_HEAD' as ByteString,
): Promise<UnmergedPath[]> {
  const entries = await unmergedEntries(git);
  if (entries.length === 0) return [];
  const meant = await meantPaths(git, entries, [ours, theirs]);
  const keys = await keysOf(git, entries);
  const conflicts = new Map<ByteString, Unmerged[]>();
  for (const entry of entries) {
    const path = meant.get(entry.path) ?? entry.path;
    const known = conflicts.get(path);
    if (known === undefined) conflicts.set(path, [entry]);
    else known.push(entry);
  }
  return [...conflicts].map(([path, list]) => {
    const ours = list.find((entry) => entry.stage === 2);
    const theirs = list.find((entry) => entry.stage === 3);
    const side = (entry: Unmerged | undefined): ConflictSide | undefined =>
      entry && { mode: entry.mode, sha: entry.sha, key: keys.get(entry.sha) };
    return {
      path,
      base: side(list.find((entry) => entry.stage === 1)),
      ours: side(ours),
      theirs: side(theirs),
      pieces: [...new Set(list.map((entry) => entry.path))],
      oursAt: ours?.path,
      theirsAt: theirs?.path,
    };
  });
}

async function unmergedEntries(git: Git): Promise<Unmerged[]> {
  const entries: Unmerged[] = [];
  for await (const record of git.records(['ls-files', '--unmerged', '-z'], '\0')) {
    const tab = record.indexOf('\t');
    const [mode = '', sha = '', stage = ''] = record.slice(0, tab).split(' ');
    entries.push({
      mode: mode as ByteString,
      sha: sha as ByteString,
      stage: Number(stage),
      path: record.slice(tab + 1) as ByteString,
    });
  }
  return entries;
}

/**
 * git keeps two things that can't share a path apart by renaming one to `path~BRANCH`. Gives the path that is meant for
 * every such name: one that neither side has.
 */
async function meantPaths(
  git: Git,
  entries: readonly Unmerged[],
  sides: readonly ByteString[],
): Promise<Map<ByteString, ByteString>> {
  const renamed = [...new Set(entries.map((entry) => entry.path))].filter((path) => tilde(path) > 0);
  if (renamed.length === 0) return new Map();
  const real = new Set<ByteString>();
  for (const side of sides) {
    for await (const entry of git.tree(side, renamed)) real.add(entry.path);
  }
  return new Map(
    renamed.filter((path) => !real.has(path)).map((path) => [path, path.slice(0, tilde(path)) as ByteString]),
  );
}

/** Where the last `~` of the file name is, unless it begins the name. */
function tilde(path: ByteString): number {
  const at = path.lastIndexOf('~');
  return at > path.lastIndexOf('/') + 1 ? at : -1;
}

/** The keys of annexed files among entries of the index, by their blobs. */
export async function keysOf(git: Git, entries: readonly GitEntry[]): Promise<Map<ByteString, Key>> {
  const modes = new Map(entries.filter(({ mode }) => mode !== '160000').map(({ sha, mode }) => [sha, mode]));
  const small: ByteString[] = [];
  for await (const info of git.objectInfo(modes.keys())) {
    if (info !== undefined && info.size <= maxPointerSize) small.push(info.sha);
  }
  const keys = new Map<ByteString, Key>();
  for await (const object of git.objects(small)) {
    if (object === undefined) continue;
    const parse = modes.get(object.sha) === '120000' ? parseSymlink : parsePointer;
    const key = parse(object.content);
    if (key !== undefined) keys.set(object.sha, key);
  }
  return keys;
}
