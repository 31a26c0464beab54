import type { ByteString } from '../../lib/bytes.js';
import type { Uuid } from '../uuid.js';

/**
 * Which repositories count, as newer git-annex versions write it: `archive+backup-offsite` are those in archive or
 * backup that are not in offsite; `-offsite` all that are not there. Taken from left to right.
 */
export type GroupLimit = readonly { readonly group: ByteString; readonly counts: boolean }[];

/** Parses `archive+backup-offsite`; undefined when a group's name is missing. */
export function parseGroupLimit(text: ByteString): GroupLimit | undefined {
  const parts = text.match(/[+-]?[^+-]*/g)?.filter((part) => part !== '') ?? [];
  const limit = parts.map((part) => ({
    group: part.replace(/^[+-]/, '') as ByteString,
    counts: !part.startsWith('-'),
  }));
  return limit.length === 0 || limit.some(({ group }) => group === '') ? undefined : limit;
}

/** Those of some repositories that a limit lets count. */
export function withinLimit(
  limit: GroupLimit,
  uuids: readonly Uuid[],
  groupMembers: (group: ByteString) => Iterable<Uuid>,
): Uuid[] {
  const counting = new Set<Uuid>(limit[0]?.counts === false ? uuids : []);
  for (const { group, counts } of limit) {
    for (const uuid of groupMembers(group)) {
      if (counts) counting.add(uuid);
      else counting.delete(uuid);
    }
  }
  return uuids.filter((uuid) => counting.has(uuid));
}
