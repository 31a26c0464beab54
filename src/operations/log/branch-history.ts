import { locationLogKey } from '../../domain/logs/log-kind.js';
import type { Key } from '../../domain/key.js';
import { compareBytes } from '../../domain/logs/lines.js';
import { presentLocations } from '../../domain/logs/location-log.js';
import type { Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import { pipelined } from '../../lib/pipelined.js';
import type { Git } from '../../repository/git/git.js';

/** When something was committed to the git-annex branch. */
export interface Moment {
  /** Since 1970. */
  readonly seconds: number;
  /** The same as people write it, in the local time zone: `Mon, 20 Nov 2023 22:13:20 UTC`. */
  readonly date: ByteString;
}

/** What a commit changed of one file of the branch. */
export interface HistoryStep extends Moment {
  /** Undefined: the file was no location log. */
  readonly key: Key | undefined;
  /** Repositories that have the content since, and no longer; sorted. */
  readonly added: readonly Uuid[];
  readonly removed: readonly Uuid[];
}

interface RawChange extends Moment {
  readonly path: ByteString;
  readonly before: ByteString;
  readonly after: ByteString;
}

const BRANCH = 'refs/heads/git-annex';
/** Changes whose blobs are asked for ahead of the one that is looked at. */
const WINDOW = 128;

/**
 * The changes that the commits of the git-annex branch made, as `git log` lists them (merges show none).
 * @param options of `git log`, for its order and its limits
 * @param paths branch files, all when there are none
 */
export function branchHistory(
  git: Git,
  options: readonly (string | ByteString)[],
  paths: readonly ByteString[] = [],
): AsyncIterable<HistoryStep> {
  return pipelined(rawChanges(git, options, paths), WINDOW, (raw) => stepOf(git, raw));
}

async function stepOf(git: Git, { seconds, date, path, before, after }: RawChange): Promise<HistoryStep> {
  const key = locationLogKey(path);
  if (key === undefined) return { seconds, date, key, added: [], removed: [] };
  const [had, has] = await Promise.all([locations(git, before), locations(git, after)]);
  return {
    seconds,
    date,
    key,
    added: [...has].filter((uuid) => !had.has(uuid)).sort(compareBytes),
    removed: [...had].filter((uuid) => !has.has(uuid)).sort(compareBytes),
  };
}

/** A file that is not there has a name of zeros. */
async function locations(git: Git, blob: ByteString): Promise<Set<Uuid>> {
  const object = /^0*$/.test(blob) ? undefined : await git.object(blob);
  return new Set(object === undefined ? [] : presentLocations(object.content));
}

async function* rawChanges(
  git: Git,
  options: readonly (string | ByteString)[],
  paths: readonly ByteString[],
): AsyncGenerator<RawChange> {
  const args = [
    ...['log', '-z', '--pretty=format:%ct%x09%cd', '--date=format-local:%a, %e %b %Y %H:%M:%S %Z'],
    ...['--raw', '--no-abbrev', '--no-renames', ...options, BRANCH, '--', ...paths],
  ];
  let moment: Moment = { seconds: 0, date: '' as ByteString };
  let blobs: readonly ByteString[] | undefined;
  for await (const record of git.records(args, '\0')) {
    if (blobs !== undefined) {
      const [before = NONE, after = NONE] = blobs;
      yield { ...moment, path: record, before, after };
      blobs = undefined;
    } else if (record.startsWith(':')) blobs = blobsOf(record);
    else if (record !== '') {
      const [header = '', change] = record.split('\n') as ByteString[];
      const tab = header.indexOf('\t');
      moment = { seconds: Number(header.slice(0, tab)), date: header.slice(tab + 1) as ByteString };
      blobs = change === undefined ? undefined : blobsOf(change);
    }
  }
}

const NONE = '' as ByteString;

/** Of `:100644 100644 OLD NEW M`. */
function blobsOf(change: ByteString): ByteString[] {
  return change.split(' ').slice(2, 4) as ByteString[];
}
