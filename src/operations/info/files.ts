import { lstatSync } from 'node:fs';
import { AnnexError } from '../../domain/errors.js';
import { toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Matches } from './matches.js';
import type { Item } from '../select/item.js';
import { annexedEntries } from '../select/keys-of-entries.js';
import { listedFiles } from '../select/listed-files.js';
import { directoryBelow, type Operand, readOperand, shownFrom } from '../select/operands.js';
import type { InfoScene } from './info-scene.js';

const TOP = '' as ByteString;

/** The annexed files of the whole work tree that match. */
export function workTreeFiles(scene: InfoScene): AsyncGenerator<Item> {
  return filesOf(scene, []);
}

/** Those below a directory; a warning and none where it is outside the work tree. */
export async function* filesBelow(scene: InfoScene, directory: ByteString): AsyncGenerator<Item> {
  const top = scene.repository.location.workTree;
  if (top === undefined) return;
  let operand: Operand;
  try {
    operand = readOperand(directory, scene.cwd, top);
  } catch (error) {
    if (!(error instanceof AnnexError)) throw error;
    scene.context.emit({ type: 'warning', text: error.message });
    return;
  }
  yield* filesOf(scene, [operand]);
}

/** Those of a tree. */
export async function* filesOfTree(
  { repository, matches }: InfoScene,
  tree: ByteString,
): AsyncGenerator<Item> {
  const entries = async function* () {
    for await (const entry of repository.git.tree(tree)) yield { entry };
  };
  for await (const { listed, key, unlocked } of annexedEntries(repository.git, entries())) {
    const branchPath = listed.entry.path;
    const item = { key, path: undefined, branchPath, shown: undefined, input: [], unlocked };
    if (await wanted(item, matches)) yield item;
  }
}

async function* filesOf(
  { repository, cwd, matches }: InfoScene,
  operands: readonly Operand[],
): AsyncGenerator<Item> {
  const { git, location } = repository;
  const top = location.workTree;
  if (top === undefined) return;
  const show = shownFrom(directoryBelow(cwd, top));
  const listed = listedFiles(git, operands, TOP, () => undefined);
  for await (const { listed: file, key, unlocked } of annexedEntries(git, listed)) {
    const { path } = file.entry;
    if (lstatSync(toPath(`${top}/${path}` as ByteString), { throwIfNoEntry: false }) === undefined) continue;
    const item = { key, path, shown: show(path), input: [], unlocked };
    if (await wanted(item, matches)) yield item;
  }
}

function wanted(item: Item, matches: Matches | undefined): boolean | Promise<boolean> {
  return matches === undefined || matches(item);
}
