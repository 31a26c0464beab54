import { existsSync, lstatSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { fromBuffer, toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import { mergeInProgress } from './merge-in-progress.js';
import { fillPointers, looksUntouched } from './resolve-conflicts.js';
import { unmergedPaths } from './unmerged-paths.js';

type Part = Pick<Repository, 'git' | 'location' | 'objects' | 'unlocked'>;

/** Remembers that a merge has begun, until `endMerge`: a git that is killed in its midst leaves no trace of that itself. */
export function beginMerge({ location }: Part, head: ByteString | undefined, theirs: ByteString): void {
  if (head !== undefined) writeFileSync(toPath(markerPath(location)), `${head} ${theirs}\n`, 'latin1');
}

export function endMerge({ location }: Part): void {
  rmSync(toPath(markerPath(location)), { force: true });
}

/**
 * Clears away what a merge of ours left that was killed before git took note of it, so that it can be done again: entries of
 * the index, and files that git does not know yet and that are exactly the other side's. What somebody has edited since
 * is left alone.
 */
export async function recoverInterruptedMerge(repository: Part): Promise<void> {
  const { git, location } = repository;
  const top = location.workTree;
  const marker = readMarker(location);
  if (marker === undefined || top === undefined || mergeInProgress(repository)) return;
  if ((await git.resolve('HEAD')) === marker.head) {
    const conflicts = await unmergedPaths(git, marker.theirs);
    for (const conflict of conflicts) if (!(await looksUntouched(git, conflict, top))) return;
    if (conflicts.length > 0) {
      await git.run(['reset', '--merge'], { accept: 'any' });
      // git wrote pointers; filled by git-annex's filter in the midst of a merge they would look modified to git.
      await fillPointers(
        repository,
        conflicts.flatMap(({ ours }) => ours ?? []),
      );
    }
    await removeOthersFiles(repository, marker.theirs, top);
  }
  endMerge(repository);
}

async function removeOthersFiles({ git }: Part, theirs: ByteString, top: ByteString): Promise<void> {
  const unknown = new Set<ByteString>();
  for await (const path of git.records(['ls-files', '--others', '-z'], '\0')) unknown.add(path);
  if (unknown.size === 0) return;
  for await (const { path, mode, sha } of git.tree(theirs)) {
    if (!unknown.has(path) || mode === '160000') continue;
    const file = `${top}/${path}` as ByteString;
    if ((await contentAt(file, mode)) === (await git.object(sha))?.content) rmSync(toPath(file));
  }
}

/** The content of a file of the kind the mode says; undefined when it is of another kind. */
async function contentAt(file: ByteString, mode: ByteString): Promise<ByteString | undefined> {
  const stat = lstatSync(toPath(file), { throwIfNoEntry: false });
  if (mode === '120000')
    return stat?.isSymbolicLink() ? fromBuffer(readlinkSync(toPath(file), 'buffer')) : undefined;
  return stat?.isFile() ? fromBuffer(readFileSync(toPath(file))) : undefined;
}

function readMarker(location: Repository['location']): { head: ByteString; theirs: ByteString } | undefined {
  const path = toPath(markerPath(location));
  if (!existsSync(path)) return undefined;
  const match = /^([0-9a-f]{40,64}) ([0-9a-f]{40,64})\n$/.exec(readFileSync(path, 'latin1'));
  if (match === null) return undefined;
  return { head: match[1] as ByteString, theirs: match[2] as ByteString };
}

/** Beside git's own `MERGE_HEAD`, for each work tree its own. */
function markerPath({ gitDir }: Repository['location']): ByteString {
  return `${gitDir}/annex-ts-merge` as ByteString;
}
