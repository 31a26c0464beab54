import type { Key } from '../../domain/key.js';
import { maxPointerSize, parsePointer, parseSymlink } from '../../domain/pointers.js';
import { pipelined } from '../../lib/pipelined.js';
import type { Git, GitEntry } from '../../repository/git/git.js';
import type { ReadLink } from './work-tree-links.js';

/** An annexed entry of the index or of a tree. */
export interface AnnexedEntry<E> {
  readonly listed: E;
  readonly key: Key;
  readonly unlocked: boolean;
  /** The entry's link is in the work tree. */
  readonly seen: boolean;
}

/** Entries looked up ahead. */
const WINDOW = 512;

/**
 * The annexed entries among those given, in order: symlinks into the annex and pointer files.
 * @param readLink where links can be had quicker than from git
 */
export async function* annexedEntries<E extends { readonly entry: GitEntry }>(
  git: Git,
  entries: AsyncIterable<E>,
  readLink?: ReadLink,
): AsyncGenerator<AnnexedEntry<E>> {
  const asked = async (listed: E) => ({ listed, key: await keyOf(git, listed.entry), seen: false });
  const ask = (listed: E) => {
    const target = listed.entry.mode === '120000' ? readLink?.(listed.entry) : undefined;
    return target === undefined ? asked(listed) : { listed, key: parseSymlink(target), seen: true };
  };
  for await (const { listed, key, seen } of pipelined(mayBeAnnexed(entries), WINDOW, ask)) {
    if (key !== undefined) yield { listed, key, unlocked: listed.entry.mode !== '120000', seen };
  }
}

/** The key that an entry's blob names; undefined when it is no annexed file. */
export async function keyOf(git: Git, { mode, sha }: GitEntry): Promise<Key | undefined> {
  if (mode === '120000') {
    const link = await git.object(sha);
    return link === undefined ? undefined : parseSymlink(link.content);
  }
  for await (const info of git.objectInfo([sha])) {
    if (info === undefined || info.type !== 'blob' || info.size > maxPointerSize) return undefined;
  }
  const blob = await git.object(sha);
  return blob === undefined ? undefined : parsePointer(blob.content);
}

async function* mayBeAnnexed<E extends { readonly entry: GitEntry }>(
  entries: AsyncIterable<E>,
): AsyncGenerator<E> {
  for await (const listed of entries) {
    const { mode } = listed.entry;
    if (mode === '120000' || mode === '100644' || mode === '100755') yield listed;
  }
}
