import { readdirSync, statfsSync, statSync } from 'node:fs';
import { parseKeyFileName } from '../../domain/key.js';
import { toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import { DEFAULT_RESERVE } from '../../repository/objects/disk-reserve.js';
import type { Settings } from '../../repository/settings/settings.js';
import type { SizeWords } from './key-totals.js';
import { type Stat, stat } from './stat.js';

/** What this user may still write, less what `annex.diskreserve` keeps free. */
export function availableSpace(folder: ByteString, settings: Settings, words: SizeWords): Stat {
  const reserve = settings.bytes('annex.diskreserve', DEFAULT_RESERVE);
  const { bavail, bsize } = statfsSync(toPath(folder));
  const free = Math.max(0, bavail * bsize - reserve);
  return stat('available local disk space', `${words.long(free)} (+${words.long(reserve)} reserved)`);
}

/** The size of the contents lying in a folder below `.git/annex` (`tmp`, `bad`); nothing when there are none. */
export function* leftovers(name: string, folder: ByteString, words: SizeWords): Generator<Stat> {
  let bytes = 0;
  for (const file of names(folder)) {
    if (parseKeyFileName(file) === undefined) continue;
    const path = toPath(`${folder}/${file}` as ByteString);
    bytes += statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  }
  if (bytes > 0) yield stat(name, words.long(bytes), ' (clean up with git-annex unused)');
}

function names(folder: ByteString): string[] {
  try {
    return readdirSync(toPath(folder), 'latin1');
  } catch {
    return [];
  }
}
