import { lstatSync, readFileSync, readlinkSync } from 'node:fs';
import type { Key } from '../../domain/key.js';
import { maxPointerSize, parsePointer, parseSymlink } from '../../domain/pointers.js';
import type { UsedRef } from '../../domain/used-refspec.js';
import type { ByteString } from '../../lib/bytes.js';
import { fromBuffer, toPath } from '../../lib/buffers.js';
import type { GitEntry } from '../../repository/git/git.js';
import type { Repository } from '../../repository/repository.js';
import { annexedEntries } from '../select/keys-of-entries.js';

/** Takes out of a set of keys those that git's index or a file of the work tree refers to. */
export async function withoutKeysOfFiles(repository: Repository, keys: Set<Key>): Promise<void> {
  const { git, location } = repository;
  if (location.workTree === undefined) return;
  const entries = async function* () {
    for await (const entry of git.index([])) yield { entry };
  };
  for await (const { key } of annexedEntries(git, entries())) keys.delete(key);
  if (keys.size === 0) return;
  const alike = alikeObjects(repository, keys);
  const args = ['ls-files', '-z', '--others', '--modified'];
  for await (const path of git.records(args, '\0')) {
    const file = `${location.workTree}/${path}` as ByteString;
    for (const key of [...(await keysOfFile(repository, file)), ...alike(file)]) keys.delete(key);
  }
}

/**
 * The keys among those given whose object has the size and time of a file. A file added unlocked has them, also where the
 * repository was copied and inodes tell nothing.
 */
function alikeObjects({ objects }: Repository, keys: ReadonlySet<Key>): (file: ByteString) => readonly Key[] {
  let known: Map<string, Key[]> | undefined;
  return (file) => {
    const state = stateOf(file);
    if (state === undefined) return [];
    if (known === undefined) {
      known = new Map();
      for (const key of keys) {
        const object = objects.locate(key);
        const id = object === undefined ? undefined : stateOf(object);
        if (id !== undefined) known.set(id, [...(known.get(id) ?? []), key]);
      }
    }
    return known.get(state) ?? [];
  };
}

function stateOf(file: ByteString): string | undefined {
  const stats = lstatSync(toPath(file), { throwIfNoEntry: false });
  return stats?.isFile() ? `${stats.size} ${stats.mtimeMs}` : undefined;
}

/** Of a file that git does not have as it is: a link into the annex, a pointer file, or an unlocked file not staged. */
async function keysOfFile({ unlocked }: Repository, file: ByteString): Promise<readonly Key[]> {
  const path = toPath(file);
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats?.isSymbolicLink()) return some(parseSymlink(fromBuffer(readlinkSync(path, 'buffer'))));
  if (!stats?.isFile()) return [];
  const pointer = stats.size <= maxPointerSize ? parsePointer(fromBuffer(readFileSync(path))) : undefined;
  return pointer === undefined ? unlocked.keysInState(file) : [pointer];
}

function some(key: Key | undefined): readonly Key[] {
  return key === undefined ? [] : [key];
}

/**
 * Takes out of a set of keys those that a ref refers to where it differs from git's index, which must have been looked at
 * before. False: there is no such ref.
 */
export async function withoutKeysOfRef(
  { git, location }: Repository,
  { name, sha }: UsedRef,
  keys: Set<Key>,
  seen: Set<ByteString>,
): Promise<boolean> {
  const tree = await git.resolve(`${sha ?? name}^{tree}` as ByteString);
  if (tree === undefined) return false;
  const entries = location.workTree === undefined ? git.tree(tree) : sidesOf(git.records(diff(tree), '\0'));
  const fresh = async function* () {
    for await (const entry of entries) {
      const id = `${entry.mode === '120000' ? 'l' : 'f'}${entry.sha}` as ByteString;
      if (seen.has(id)) continue;
      seen.add(id);
      yield { entry };
    }
  };
  for await (const { key } of annexedEntries(git, fresh())) keys.delete(key);
  return true;
}

function diff(tree: ByteString): (string | ByteString)[] {
  return ['diff-index', '--cached', '--raw', '-z', '--no-renames', '--no-abbrev', tree, '--'];
}

/** What the tree has where it differs from the index. */
async function* sidesOf(records: AsyncIterable<ByteString>): AsyncGenerator<GitEntry> {
  let left: { mode: ByteString; sha: ByteString } | undefined;
  for await (const record of records) {
    if (left !== undefined) {
      yield { ...left, path: record };
      left = undefined;
    } else {
      const [mode = '', , sha = ''] = record.slice(1).split(' ');
      left = { mode: mode as ByteString, sha: sha as ByteString };
    }
  }
}
