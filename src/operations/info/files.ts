import { lstatSync } from 'node:fs';
import { AnnexError } from '../../domain/errors.js';
import { toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Item } from '../select/item.js';
import { annexedEntries } from '../select/keys-of-entries.js';
import { listedFiles } from '../select/listed-files.js';
import { directoryBelow, type Operand, readOperand, shownFrom } from '../select/operands.js';
import { counted } from './counted.js';
import type { InfoScene } from './info-scene.js';

const TOP = '' as ByteString;

/** The annexed files of the whole work tree that match. */
export function workTreeFiles(scene: InfoScene): AsyncIterable<Item> {
  return counted(filesOf(scene, []), scene.matches);
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
  yield* counted(filesOf(scene, [operand]), scene.matches);
}

/** Those of a tree that match. */
export function filesOfTree(
  { repository: { git }, matches }: InfoScene,
  tree: ByteString,
): AsyncIterable<Item> {
  const entries = async function* () {
    for await (const entry of git.tree(tree)) yield { entry };
  };
  const items = async function* (): AsyncGenerator<Item> {
    for await (const { listed, key, unlocked } of annexedEntries(git, entries())) {
      const branchPath = listed.entry.path;
      yield { key, path: undefined, branchPath, shown: undefined, input: [], unlocked };
    }
  };
  return counted(items(), matches);
}

async function* filesOf({ repository, cwd }: InfoScene, operands: readonly Operand[]): AsyncGenerator<Item> {
  const { git, location } = repository;
  const top = location.workTree;
  if (top === undefined) return;
  const show = shownFrom(directoryBelow(cwd, top));
  const listed = listedFiles(git, operands, TOP, () => undefined);
  for await (const { listed: file, key, unlocked } of annexedEntries(git, listed)) {
    const { path } = file.entry;
    if (lstatSync(toPath(`${top}/${path}` as ByteString), { throwIfNoEntry: false }) === undefined) continue;
    yield { key, path, shown: show(path), input: [], unlocked };
  }
}
