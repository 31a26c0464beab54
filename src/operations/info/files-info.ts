import { keySize } from '../../domain/key.js';
import type { Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import { inBatches } from '../../lib/in-batches.js';
import type { Item } from '../select/item.js';
import { type LoggedItem, withLogs } from '../transfer/with-logs.js';
import { livingLocations } from '../whereis/locations.js';
import { filesBelow, filesOfTree } from './files.js';
import type { InfoScene } from './info-scene.js';
import { addKey, type KeyTotals, noKeys, totalSize } from './key-totals.js';
import { type Stat, sizesOf, stat } from './stat.js';

/** Files whose logs and attributes are looked at together. */
const BATCH = { items: 500, linger: 20 };

/** What `info DIRECTORY` tells. */
export async function* directoryInfo(scene: InfoScene, directory: ByteString): AsyncGenerator<Stat> {
  yield stat('directory', directory);
  yield* filesInfo(scene, filesBelow(scene, directory), { place: 'working tree', copies: true });
}

/** What `info TREEISH` tells. */
export async function* treeInfo(scene: InfoScene, name: ByteString, tree: ByteString): AsyncGenerator<Stat> {
  yield stat('tree', name);
  yield* filesInfo(scene, filesOfTree(scene, tree), { place: 'tree', copies: false });
}

interface Tally {
  readonly here: KeyTotals;
  readonly all: KeyTotals;
  readonly sizes: Map<Uuid, number>;
  /** Copies that are on record of contents of unknown size. */
  unknownCopies: number;
  /** How many files have that many copies more than wanted. */
  readonly spare: Map<number, number>;
}

async function* filesInfo(
  scene: InfoScene,
  files: AsyncIterable<Item>,
  { place, copies }: { readonly place: string; readonly copies: boolean },
): AsyncGenerator<Stat> {
  const { words } = scene;
  const tally = await count(scene, files, copies);
  yield stat('local annex keys', tally.here.keys);
  yield stat('local annex size', totalSize(tally.here, words));
  yield stat(`annexed files in ${place}`, tally.all.keys);
  yield stat(`size of annexed files in ${place}`, totalSize(tally.all, words));
  if (scene.fast) return;
  const spare = [...tally.spare]
    .sort(([a], [b]) => b - a)
    .map(([number, files]) => [number < 0 ? `${number}` : `+${number}`, files] as const);
  yield {
    name: 'numcopies stats',
    json: spare,
    text: spare.map(([number, files]) => `\n\tnumcopies ${number}: ${files}`).join(''),
  };
  yield sizesOf('repositories containing these files', `${tally.sizes.size}`, tally.sizes, scene);
  const bytes = [...tally.sizes.values()].reduce((sum, size) => sum + size, 0);
  const combined = totalSize({ bytes, unknown: tally.unknownCopies }, words);
  yield stat('combined size of repositories containing these files', combined);
}

async function count(scene: InfoScene, files: AsyncIterable<Item>, copies: boolean): Promise<Tally> {
  const { repository } = scene;
  const tally: Tally = {
    here: noKeys(),
    all: noKeys(),
    sizes: new Map(),
    unknownCopies: 0,
    spare: new Map(),
  };
  const counted = async function* (): AsyncGenerator<Item> {
    for await (const item of files) {
      addKey(tally.all, item.key);
      if (repository.objects.locate(item.key) !== undefined) addKey(tally.here, item.key);
      yield item;
    }
  };
  if (scene.fast) {
    for await (const _ of counted());
    return tally;
  }
  for await (const batch of inBatches(withLogs(repository.branch, counted()), BATCH)) {
    await countCopies(scene, batch, tally, copies);
  }
  return tally;
}

async function countCopies(
  { known, policy }: InfoScene,
  batch: readonly LoggedItem[],
  tally: Tally,
  copies: boolean,
): Promise<void> {
  const wanted = copies ? await policy.copies(batch) : [];
  for (const [i, { key, log }] of batch.entries()) {
    const uuids = livingLocations(log, known);
    const size = keySize(key);
    const holders = [...known.clustersOf(uuids), ...uuids];
    for (const uuid of holders) tally.sizes.set(uuid, (tally.sizes.get(uuid) ?? 0) + (size ?? 0));
    if (size === undefined) tally.unknownCopies += holders.length;
    const enough = wanted[i]?.numcopies;
    if (enough === undefined) continue;
    const spare = uuids.filter((uuid) => known.trustOf(uuid) !== 'untrusted').length - enough;
    tally.spare.set(spare, (tally.spare.get(spare) ?? 0) + 1);
  }
}
