import { keyLogPath } from '../../domain/hash-directories.js';
import { compareBytes } from '../../domain/logs/lines.js';
import { presentLocations } from '../../domain/logs/location-log.js';
import type { Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import type { AnnexBranch } from '../../repository/branch/annex-branch.js';
import type { KnownRepositories } from '../repositories/known-repositories.js';
import type { Item } from '../select/item.js';
import type { Selection } from '../select/select.js';
import { withLogs } from '../transfer/with-logs.js';
import { takesUrls, type UrlsByRemote, urlsOf } from './urls.js';

/** Where the content of one item is said to be. */
export interface ItemLocations {
  readonly item: Item;
  /** Repositories that are not dead, sorted by uuid. */
  readonly uuids: readonly Uuid[];
  readonly urls: UrlsByRemote;
}

type Located = Omit<ItemLocations, 'urls'>;

/** Items whose url logs are read together. */
const PORTION = 512;
const NO_LOG = '' as ByteString;

/** The locations of the selected items, in their order; the logs are read in streams unless a user waits for each. */
export async function* locationsOf(
  branch: AnnexBranch,
  known: KnownRepositories,
  { items, interactive }: Pick<Selection, 'items' | 'interactive'>,
): AsyncGenerator<ItemLocations> {
  const size = interactive ? 1 : PORTION;
  let portion: Located[] = [];
  for await (const item of withLogs(branch, items, interactive)) {
    portion.push({ item, uuids: livingLocations(item.log, known) });
    if (portion.length < size) continue;
    yield* withUrls(branch, portion);
    portion = [];
  }
  yield* withUrls(branch, portion);
}

async function* withUrls(branch: AnnexBranch, portion: readonly Located[]): AsyncGenerator<ItemLocations> {
  const asked = portion.filter(({ uuids }) => takesUrls(uuids));
  const logs = new Map<Located, ByteString>();
  if (asked.length > 0) {
    const answers = branch.readMany(asked.map(({ item }) => keyLogPath(item.key, 'web')));
    let at = 0;
    for await (const { content } of answers) logs.set(asked[at++] as Located, content);
  }
  for (const located of portion) {
    yield { ...located, urls: urlsOf(logs.get(located) ?? NO_LOG, located.uuids) };
  }
}

/** The repositories that a location log says have the content, without dead ones, sorted by uuid. */
export function livingLocations(log: ByteString, known: KnownRepositories): Uuid[] {
  return presentLocations(log)
    .filter((uuid) => known.trustOf(uuid) !== 'dead')
    .sort(compareBytes);
}
