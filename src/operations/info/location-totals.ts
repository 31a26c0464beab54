import { locationLogKey } from '../../domain/logs/log-kind.js';
import type { Key } from '../../domain/key.js';
import type { Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import type { Matches } from './matches.js';
import type { KnownRepositories } from '../repositories/known-repositories.js';
import type { Item } from '../select/item.js';
import { livingLocations } from '../whereis/locations.js';

/** A key that stands alone, as what a matching option is asked about. */
export function keyItem(key: Key, log?: Item['log']): Item {
  const item = { key, path: undefined, shown: undefined, input: [], unlocked: false };
  return log === undefined ? item : { ...item, log };
}

export interface KeyLocations {
  readonly key: Key;
  readonly log: ByteString;
  /** Without dead repositories. */
  readonly uuids: readonly Uuid[];
}

/** Every key with a location log that matches, and the repositories that have it; one pass over the branch. */
export async function* everyLocation(
  { branch }: Pick<Repository, 'branch'>,
  known: KnownRepositories,
  matches: Matches | undefined,
): AsyncGenerator<KeyLocations> {
  for await (const { path, content } of branch.readAll((name) => name.endsWith('.log'))) {
    const key = locationLogKey(path);
    if (key === undefined) continue;
    if (matches !== undefined && !(await matches(keyItem(key, content)))) continue;
    yield { key, log: content, uuids: livingLocations(content, known) };
  }
}
