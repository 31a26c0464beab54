import type { CopiesWanted } from '../../domain/copies.js';
import type { Key } from '../../domain/key.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Item } from '../select/item.js';

/** The other work tree files with the content of items: dropping one drops the content of all. */
export interface OtherNames<T extends Item> {
  readonly faces: readonly T[];
  /** For each face the index of its item. */
  readonly owners: readonly number[];
}

export async function otherNames<T extends Item>(
  items: readonly T[],
  filesOf: (key: Key) => Promise<readonly ByteString[]>,
): Promise<OtherNames<T>> {
  const faces: T[] = [];
  const owners: number[] = [];
  for (const [i, item] of items.entries()) {
    for (const path of await filesOf(item.key)) {
      if (path === item.path) continue;
      faces.push({ ...item, path });
      owners.push(i);
    }
  }
  return { faces, owners };
}

/** The larger numbers of copies. */
export function safest(a: CopiesWanted, b: CopiesWanted): CopiesWanted {
  return {
    numcopies: Math.max(a.numcopies, b.numcopies),
    mincopies: Math.max(a.mincopies, b.mincopies),
  };
}
