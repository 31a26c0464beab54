import { locationLogKey } from '../../domain/logs/log-kind.js';
import type { Key } from '../../domain/key.js';
import type { Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Item } from '../select/item.js';
import type { LoggedItem } from '../transfer/with-logs.js';
import { livingLocations } from '../whereis/locations.js';
import { counted } from './counted.js';
import type { InfoScene } from './info-scene.js';

/** A key that stands alone, as what a matching option is asked about. */
export function keyItem(key: Key): Item {
  return { key, path: undefined, shown: undefined, input: [], unlocked: false };
}

export interface KeyLocations {
  readonly key: Key;
  readonly log: ByteString;
  /** Without dead repositories. */
  readonly uuids: readonly Uuid[];
}

/** Whose location logs are read, and which keys count. */
export type LocationsOf = Pick<InfoScene, 'known' | 'keyMatches'> & {
  readonly repository: Pick<InfoScene['repository'], 'branch'>;
};

/** Every key with a location log that matches, and the repositories that have it; one pass over the branch. */
export async function* everyLocation({
  repository: { branch },
  known,
  keyMatches,
}: LocationsOf): AsyncGenerator<KeyLocations> {
  const items = async function* (): AsyncGenerator<LoggedItem> {
    for await (const { path, content } of branch.readAll((name) => name.endsWith('.log'))) {
      const key = locationLogKey(path);
      if (key !== undefined) yield { ...keyItem(key), log: content };
    }
  };
  for await (const { key, log = NO_LOG } of counted(items(), keyMatches)) {
    yield { key, log, uuids: livingLocations(log, known) };
  }
}

const NO_LOG = '' as ByteString;
