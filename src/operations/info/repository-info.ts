import { keyBackend, keySize } from '../../domain/key.js';
import type { TrustLevel } from '../../domain/trust.js';
import type { Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Item } from '../select/item.js';
import { bloomFilter } from './bloom-filter.js';
import { counted } from './counted.js';
import { availableSpace, leftovers } from './disk-space.js';
import { workTreeFiles } from './files.js';
import type { InfoScene } from './info-scene.js';
import { addKey, noKeys, totalSize } from './key-totals.js';
import { everyLocation, keyItem } from './location-totals.js';
import { repositoryList, type Stat, sizesOf, stat } from './stat.js';
import { transfersInProgress } from './transfers-in-progress.js';

/** What `info` without an item tells about the whole repository. */
export async function* repositoryInfo(scene: InfoScene): AsyncGenerator<Stat> {
  const { repository, known, words } = scene;
  for (const level of ['trusted', 'semitrusted', 'untrusted'] as const) {
    yield repositoryList(`${level} repositories`, repositoriesOf(scene, level), known);
  }
  yield transfersInProgress(repository, known);
  yield availableSpace(repository.annexDir, repository.settings, words);
  if (scene.fast) return;
  const tmp = `${repository.annexDir}/tmp` as ByteString;
  yield* leftovers('temporary object directory size', tmp, words);
  yield* leftovers('bad keys size', `${repository.annexDir}/bad` as ByteString, words);
  const here = await localKeys(scene);
  yield stat('local annex keys', here.keys);
  yield stat('local annex size', totalSize(here, words));
  yield* wholeTree(scene, here.keys);
}

/** The known repositories of a trust level. */
export function repositoriesOf({ known }: InfoScene, level: TrustLevel): readonly Uuid[] {
  return known.all.filter((uuid) => known.trustOf(uuid) === level);
}

async function localKeys({ repository, keyMatches }: InfoScene) {
  const totals = noKeys();
  const items = async function* (): AsyncGenerator<Item> {
    for await (const key of repository.objects.keys()) yield keyItem(key);
  };
  for await (const { key } of counted(items(), keyMatches)) addKey(totals, key);
  return totals;
}

async function* wholeTree(scene: InfoScene, localCount: number): AsyncGenerator<Stat> {
  const { repository, known, words, keyMatches } = scene;
  const files = noKeys();
  const backends = new Map<string, number>();
  for await (const { key } of workTreeFiles(scene)) {
    addKey(files, key);
    backends.set(keyBackend(key), (backends.get(keyBackend(key)) ?? 0) + 1);
  }
  yield stat('annexed files in working tree', files.keys);
  yield stat('size of annexed files in working tree', totalSize(files, words));
  const sizes = new Map<Uuid, number>();
  let combined = 0;
  for await (const { key, uuids } of everyLocation(scene)) {
    const size = keySize(key) ?? 0;
    // git-annex counts clusters only where it has to look at each key.
    const holders = keyMatches === undefined ? uuids : [...known.clustersOf(uuids), ...uuids];
    for (const uuid of holders) sizes.set(uuid, (sizes.get(uuid) ?? 0) + size);
    combined += size * holders.length;
  }
  yield stat('combined annex size of all repositories', words.long(combined));
  yield sizesOf('annex sizes of repositories', '', sizes, scene);
  const usage = [...backends].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  yield {
    name: 'backend usage',
    json: Object.fromEntries(usage),
    text: usage.map(([backend, count]) => `\n\t${backend}: ${count}`).join(''),
  };
  yield bloomFilter(localCount, repository.settings, scene.bytes);
}
