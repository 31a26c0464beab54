import type { Key } from '../../domain/key.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import { annexedEntries } from './keys-of-entries.js';

/** Gives the work tree files that have a key's content. The index is read when first asked, once. */
export function createFilesOf({ git, location }: Repository): (key: Key) => Promise<readonly ByteString[]> {
  let loading: Promise<ReadonlyMap<Key, ByteString | ByteString[]>> | undefined;
  const load = async () => {
    const files = new Map<Key, ByteString | ByteString[]>();
    if (location.workTree === undefined) return files;
    const entries = async function* () {
      for await (const entry of git.index([])) yield { entry };
    };
    for await (const { listed, key } of annexedEntries(git, entries())) {
      const { path } = listed.entry;
      const known = files.get(key);
      // Most keys have one file: no list for each.
      if (known === undefined) files.set(key, path);
      else if (typeof known === 'string') files.set(key, [known, path]);
      else known.push(path);
    }
    return files;
  };
  return async (key) => {
    loading ??= load();
    const found = (await loading).get(key);
    if (found === undefined) return [];
    return typeof found === 'string' ? [found] : found;
  };
}
