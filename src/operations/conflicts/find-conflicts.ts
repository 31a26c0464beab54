import { type Key, keyFileName } from '../../domain/key.js';
import type { ByteString } from '../../lib/bytes.js';
import { type Conflict, rootOf, type Version, variantOf } from '../../planning/variants.js';
import type { GitEntry } from '../../repository/git/git.js';
import type { Repository } from '../../repository/repository.js';
import { keysOf } from '../merge/unmerged-paths.js';
import { type Change, type Side, whoChanged } from './who-changed.js';

/** A version of a file in conflict, as it is in git's index. */
export interface FileVersion extends Version, GitEntry {
  readonly key: Key | undefined;
  /** The commit that made this version; undefined when that can't be told. */
  readonly change: Change | undefined;
}

/**
 * The conflicts whose versions are still side by side, by the name of the file: its variants, and what has the name itself.
 * @param wanted which conflicts to look at, given the file's name and its versions' names
 */
export async function findConflicts(
  { git }: Pick<Repository, 'git'>,
  wanted: (path: ByteString, versions: readonly ByteString[]) => boolean,
): Promise<Conflict<FileVersion>[]> {
  const candidates: GitEntry[] = [];
  for await (const { path, mode, sha, stage } of git.index([])) {
    if (stage === 0 && mode !== '160000' && path.includes('.variant-', path.lastIndexOf('/') + 1)) {
      candidates.push({ path, mode, sha });
    }
  }
  if (candidates.length === 0) return [];
  const keys = await keysOf(git, candidates);
  const groups = new Map<ByteString, Side[]>();
  for (const entry of candidates) {
    const key = keys.get(entry.sha);
    const names = key === undefined ? [`GIT--${entry.sha}` as ByteString] : [keyFileName(key), key];
    const original = variantOf(entry.path, names);
    if (original === undefined) continue;
    const root = rootOf(original);
    const group = groups.get(root);
    if (group === undefined) groups.set(root, [{ ...entry, original }]);
    else group.push({ ...entry, original });
  }
  for await (const { path, mode, sha, stage } of git.index([...groups.keys()])) {
    if (stage === 0) groups.get(path)?.unshift({ path, mode, sha, original: path });
  }
  const chosen = [...groups].filter(([path, list]) =>
    wanted(
      path,
      list.map((entry) => entry.path),
    ),
  );
  return withChanges(git, chosen);
}

async function withChanges(
  git: Repository['git'],
  groups: readonly (readonly [ByteString, readonly Side[]])[],
): Promise<Conflict<FileVersion>[]> {
  const sides = groups.flatMap(([, list]) => list);
  const changes = await whoChanged(git, sides);
  const keys = await keysOf(git, sides);
  const versionOf = ({ path, mode, sha }: Side): FileVersion => {
    const change = changes.get(path);
    return { path, mode, sha, key: keys.get(sha), change, time: change?.time };
  };
  return groups
    .map(([path, list]) => ({ path, versions: list.map(versionOf) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}
