import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import { ownMark } from './process-mark.js';
import type { Repository } from '../../repository/repository.js';

type Place = Pick<Repository, 'location'>;

/** A merge that was begun, as it was noted down before git started with it. */
export interface MergeMarker {
  /** The commit that was checked out; undefined when the branch had none. */
  readonly head: ByteString | undefined;
  /** The commit merged in. */
  readonly theirs: ByteString;
  /** The process that began it; see `runsElsewhere`. */
  readonly by: string;
  /** How `theirs` was named to git: it is in the names and markers that git gives to conflicts. */
  readonly ref: ByteString;
}

/** Stands for the commit that a branch does not have yet. */
const unborn = '-';

/** Remembers that a merge has begun, until `endMerge`: a git that is killed in its midst leaves no trace of that itself. */
export function beginMerge({ location }: Place, { head, theirs, ref }: Omit<MergeMarker, 'by'>): void {
  writeFileSync(toPath(markerPath(location)), `${head ?? unborn} ${theirs} ${ownMark()} ${ref}\n`, 'latin1');
}

export function endMerge({ location }: Place): void {
  rmSync(toPath(markerPath(location)), { force: true });
}

/** The merge of ours that did not come to its end; undefined when there is none, or the note is not complete. */
export function readMarker({ location }: Place): MergeMarker | undefined {
  const path = toPath(markerPath(location));
  if (!existsSync(path)) return undefined;
  const match = /^(-|[0-9a-f]{40,64}) ([0-9a-f]{40,64}) (\d+:\d+) (.+)\n$/s.exec(
    readFileSync(path, 'latin1'),
  );
  if (match === null) return undefined;
  const [, head, theirs, by, ref] = match as unknown as [string, ByteString, ByteString, string, ByteString];
  return { head: head === unborn ? undefined : (head as ByteString), theirs, by, ref };
}

/** Beside git's own `MERGE_HEAD`, for each work tree its own. */
function markerPath({ gitDir }: Repository['location']): ByteString {
  return `${gitDir}/annex-ts-merge` as ByteString;
}
