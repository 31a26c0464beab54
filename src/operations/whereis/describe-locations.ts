import type { JsonValue } from '../../domain/events.js';
import type { Uuid } from '../../domain/uuid.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import type { KnownRepositories } from '../repositories/known-repositories.js';
import type { ItemLocations } from './locations.js';

/** What `whereis` says of one item. */
export interface LocationsReport {
  /** Whether a repository that is not untrusted has it. */
  readonly found: boolean;
  /** `2 copies` */
  readonly heading: string;
  /** The lists below the heading, each ending in a newline. */
  readonly lists: readonly string[];
  readonly fields: { readonly [name: string]: JsonValue };
}

/** Words the locations of an item the way git-annex does: clusters first, untrusted repositories apart, then urls. */
export function describeLocations(
  { uuids, urls }: Pick<ItemLocations, 'uuids' | 'urls'>,
  known: KnownRepositories,
): LocationsReport {
  const untrusted = uuids.filter((uuid) => known.trustOf(uuid) === 'untrusted');
  const copies = uuids.filter((uuid) => known.trustOf(uuid) !== 'untrusted');
  const listed = [...known.clustersOf(uuids), ...copies];
  const lists: string[] = [];
  if (listed.length > 0) lists.push(lines(listed, known));
  if (untrusted.length > 0) {
    lists.push(`The following untrusted locations may also have copies:\n${lines(untrusted, known)}`);
  }
  for (const [uuid, ofRemote] of urls) {
    const name = known.remoteName(uuid) as ByteString;
    lists.push(ofRemote.map((url) => `${toText(`${name}: ${url}` as ByteString)}\n`).join(''));
  }
  const entry = (uuid: Uuid): JsonValue => {
    const { description, here } = known.entry(uuid);
    return { description, here, urls: urls.get(uuid) ?? [], uuid };
  };
  return {
    found: copies.length > 0,
    heading: `${copies.length} ${copies.length === 1 ? 'copy' : 'copies'}`,
    lists,
    fields: { untrusted: untrusted.map(entry), whereis: listed.map(entry) },
  };
}

function lines(uuids: readonly Uuid[], known: KnownRepositories): string {
  return uuids.map((uuid) => `\t${toText(known.line(uuid))}\n`).join('');
}
