import { lstatSync, readlinkSync } from 'node:fs';
import { AnnexError } from '../../domain/errors.js';
import type { Emit } from '../../domain/events.js';
import { type Key, parseKey } from '../../domain/key.js';
import { parseSymlink } from '../../domain/pointers.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import { fromBuffer, toPath } from '../../lib/buffers.js';
import type { Repository } from '../../repository/repository.js';
import { type BatchInput, batchKey } from './batch-input.js';
import type { Item } from './item.js';
import { allKeys, type FoundKey, failedKeys, incompleteKeys, unusedKeys } from './key-sources.js';
import { annexedEntries, keyOf } from './keys-of-entries.js';
import { listedFiles, unknownPaths } from './listed-files.js';
import { createMatching, type MatchingOption, matching, parseMatching } from './matching.js';
import { directoryBelow, type Operand, readOperand, shownFrom } from './operands.js';
import { createReadLink } from './work-tree-links.js';

/** Which keys, when not those of files. */
export type KeySource =
  | { readonly from: 'all' | 'unused' | 'incomplete' }
  | { readonly from: 'failed'; readonly directions: readonly ('download' | 'upload')[] }
  | { readonly from: 'key'; readonly key: ByteString }
  | { readonly from: 'branches'; readonly refs: readonly ByteString[] };

/** What the user said to work on. */
export interface SelectionRequest {
  readonly operands: readonly ByteString[];
  /** The current directory, absolute. */
  readonly cwd: ByteString;
  readonly keys?: KeySource | undefined;
  readonly batch?: BatchInput | undefined;
  /** Matching options in their order. */
  readonly matching?: readonly MatchingOption[] | undefined;
}

/** A stream of what to work on. It is read once. */
export interface Selection {
  readonly items: AsyncIterable<Item>;
  /** Whether a user waits for the answer to each item before giving the next. */
  readonly interactive: boolean;
  /** Tells that nothing is to be done for an item: in batch mode that is a blank line. */
  nothingFor(item: Item | undefined): void;
  /** Paths that git does not know; complete when `items` has ended. */
  readonly unknown: number;
}

/** Starts a selection. Throws `usage` for combinations that make no sense, worded as git-annex does. */
export function select(repository: Repository, request: SelectionRequest, emit: Emit): Selection {
  const { operands, keys, batch } = request;
  const has = { operands: operands.length > 0, keys: keys !== undefined };
  if (batch !== undefined && (has.operands || has.keys)) {
    throw new AnnexError('usage', 'Cannot combine batch option with file or key options');
  }
  if (has.operands && has.keys) {
    const options = 'file names, --all, --branch, --unused, --failed, --key, or --incomplete';
    throw new AnnexError('usage', `Can only specify one of ${options}`);
  }
  let unknown = 0;
  const complain = (text: string, count: number) => {
    unknown += count;
    emit({ type: 'warning', text });
  };
  const nothingFor = (): void => {
    if (batch !== undefined) emit({ type: 'blank' });
  };
  const items = (): AsyncIterable<Item> => {
    if (batch !== undefined) return batchItems(repository, request.cwd, batch, nothingFor);
    if (keys !== undefined) return keyItems(repository, keys);
    if (repository.location.workTree === undefined) return keyItems(repository, { from: 'all' });
    return fileItems(repository, request, complain);
  };
  const options = request.matching ?? [];
  // Mistakes are told before anything is done.
  if (options.length > 0) parseMatching(options);
  const matched = async function* () {
    const decide = await createMatching(repository, options, request.cwd);
    yield* matching(items(), decide, batch !== undefined, nothingFor);
  };
  return {
    items: options.length > 0 ? matched() : items(),
    interactive: batch !== undefined,
    nothingFor,
    get unknown() {
      return unknown;
    },
  };
}

async function* fileItems(
  repository: Repository,
  request: SelectionRequest,
  complain: (text: string, count: number) => void,
): AsyncGenerator<Item> {
  const top = workTreeOf(repository);
  const directory = directoryBelow(request.cwd, top);
  const show = shownFrom(directory);
  let operands: Operand[];
  try {
    operands = request.operands.map((given) => readOperand(given, request.cwd, top));
  } catch (error) {
    if (!(error instanceof AnnexError)) throw error;
    return complain(error.message, 1);
  }
  const skips = repository.settings.bool('annex.skipunknown', false);
  const unknown = (missing: readonly Operand[]) => {
    if (!skips) return complain(unknownPaths(missing), missing.length);
    for (const { given, path } of missing)
      if (!exists(top, path)) complain(`git-annex: ${toText(given)} not found`, 1);
  };
  const listed = listedFiles(repository.git, operands, directory, unknown);
  const entries = annexedEntries(repository.git, listed, createReadLink(top));
  for await (const { listed: file, key, unlocked, seen } of entries) {
    const { path } = file.entry;
    if (!seen && !exists(top, path)) continue;
    const shown = show(path);
    yield { key, path, shown, input: [file.operand?.given ?? shown], unlocked };
  }
}

async function* keyItems(repository: Repository, source: KeySource): AsyncGenerator<Item> {
  if (source.from === 'branches') {
    for (const ref of source.refs) yield* branchItems(repository, ref);
    return;
  }
  for await (const found of foundKeys(repository, source)) {
    yield { ...found, path: undefined, shown: undefined, input: [], unlocked: false };
  }
}

async function* foundKeys(
  repository: Repository,
  source: Exclude<KeySource, { from: 'branches' }>,
): AsyncGenerator<FoundKey> {
  switch (source.from) {
    case 'all':
      return yield* allKeys(repository);
    case 'unused':
      return yield* unusedKeys(repository);
    case 'incomplete':
      return yield* incompleteKeys(repository);
    case 'failed':
      return yield* failedKeys(repository, source.directions);
    case 'key': {
      const key = parseKey(source.key);
      if (key === undefined) throw new AnnexError('usage', 'option --key: invalid key');
      yield { key };
    }
  }
}

async function* branchItems(repository: Repository, ref: ByteString): AsyncGenerator<Item> {
  const commit = await repository.git.resolve(ref);
  if (commit === undefined) throw new AnnexError('usage', `not a branch or treeish: ${toText(ref)}`);
  const entries = async function* () {
    for await (const entry of repository.git.tree(commit)) yield { entry };
  };
  for await (const { listed, key, unlocked } of annexedEntries(repository.git, entries())) {
    const branchPath = listed.entry.path;
    yield {
      key,
      path: undefined,
      branchPath,
      shown: `${ref}:${branchPath}` as ByteString,
      input: [],
      unlocked,
    };
  }
}

async function* batchItems(
  repository: Repository,
  cwd: ByteString,
  batch: BatchInput,
  nothing: () => void,
): AsyncGenerator<Item> {
  for await (const record of batch.records) {
    if (batch.kind === 'keys') {
      yield { key: batchKey(record), path: undefined, shown: undefined, input: [record], unlocked: false };
      continue;
    }
    const item = await fileItem(repository, cwd, record);
    if (item === undefined) nothing();
    else yield item;
  }
}

/** The item of one annexed file; undefined when git does not know it, it is not there, or not annexed. */
export async function fileItem(
  repository: Repository,
  cwd: ByteString,
  given: ByteString,
): Promise<Item | undefined> {
  const top = workTreeOf(repository);
  let path: ByteString;
  try {
    path = readOperand(given, cwd, top).path;
  } catch (error) {
    if (error instanceof AnnexError) return undefined;
    throw error;
  }
  const file = toPath(`${top}/${path}` as ByteString);
  const stats = path === '' ? undefined : lstatSync(file, { throwIfNoEntry: false });
  if (stats === undefined || stats.isDirectory()) return undefined;
  const unlocked = !stats.isSymbolicLink();
  const key = unlocked
    ? await keyInIndex(repository, path)
    : parseSymlink(fromBuffer(readlinkSync(file, { encoding: 'buffer' })));
  if (key === undefined) return undefined;
  return { key, path, shown: shownFrom(directoryBelow(cwd, top))(path), input: [given], unlocked };
}

async function keyInIndex(repository: Repository, path: ByteString): Promise<Key | undefined> {
  for await (const entry of repository.git.index([path])) return keyOf(repository.git, entry);
  return undefined;
}

function workTreeOf(repository: Repository): ByteString {
  const top = repository.location.workTree;
  if (top === undefined)
    throw new AnnexError('usage', 'this needs a work tree, which a bare repository has not');
  return top;
}

function exists(top: ByteString, path: ByteString): boolean {
  return lstatSync(toPath(`${top}/${path}` as ByteString), { throwIfNoEntry: false }) !== undefined;
}
