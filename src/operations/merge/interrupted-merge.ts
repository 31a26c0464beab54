import { existsSync, rmdirSync } from 'node:fs';
import { AnnexError } from '../../domain/errors.js';
import { maxPointerSize, parsePointer } from '../../domain/pointers.js';
import { toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import type { GitEntry } from '../../repository/git/git.js';
import type { Repository } from '../../repository/repository.js';
import { isPartOf, lookAt, removeFile } from './conflict-files.js';
import { type MergeFootprint, mergeFootprint, type TouchedPath } from './merge-footprint.js';
import { endMerge, type MergeMarker, readMarker } from './merge-marker.js';
import { mergeInProgress } from './merge-in-progress.js';
import { runsElsewhere } from './process-mark.js';
import { fillPointers } from './resolve-conflicts.js';
import { removeStaleIndexLock } from './stale-index-lock.js';

type Part = Pick<Repository, 'git' | 'location' | 'objects' | 'unlocked'>;

/**
 * Clears away what a merge of ours left that was killed before git took note of it, so that it can be done again: files
 * that git had removed, had written or had begun to write, and entries of the index. git begins a merge only when all these
 * files are as committed; so what is neither as committed nor git's doing has been edited since, and is left alone.
 */
export async function recoverInterruptedMerge(repository: Part): Promise<void> {
  const { git, location } = repository;
  const top = location.workTree;
  removeStaleIndexLock(repository);
  const marker = readMarker(repository);
  if (marker === undefined || top === undefined || runsElsewhere(marker.by)) return;
  if (mergeInProgress(repository)) return forgetConcludedMerge(repository);
  if (existsSync(toPath(`${location.gitDir}/index.lock` as ByteString))) throw gitAtWork();
  const head = await git.resolve('HEAD');
  if (head === marker.head && !othersWork(location)) {
    const footprint = await mergeFootprint(git, marker);
    await resetIndex(git, footprint.touched, marker);
    await restoreFiles(repository, footprint, top);
  }
  endMerge(repository);
}

function gitAtWork(): AnnexError {
  return new AnnexError('git-failed', 'a merge was cut off, and another git seems to be at work here', {
    hint: 'If none is, remove .git/index.lock.',
  });
}

/** A git that was killed right after it had committed a merge still believes it to be in progress. */
async function forgetConcludedMerge({ git }: Part): Promise<void> {
  const unmerged = await git.run(['ls-files', '--unmerged']);
  if (unmerged.stdout !== '') return;
  const { exitCode } = await git.run(['merge-base', '--is-ancestor', 'MERGE_HEAD', 'HEAD'], {
    accept: 'any',
  });
  if (exitCode === 0) await git.run(['merge', '--quit'], { accept: 'any' });
}

/** Whether the user is in the midst of something that leaves unmerged entries, too. */
function othersWork({ gitDir }: Repository['location']): boolean {
  const names = ['CHERRY_PICK_HEAD', 'REVERT_HEAD', 'rebase-merge', 'rebase-apply'];
  return names.some((name) => existsSync(toPath(`${gitDir}/${name}` as ByteString)));
}

/** Index entries that the merge has made become those of the commit again. */
async function resetIndex(
  git: Part['git'],
  touched: readonly TouchedPath[],
  { head, theirs }: MergeMarker,
): Promise<void> {
  const known = new Map(touched.map((entry) => [entry.path, entry]));
  const removed = new Set(touched.filter(({ after }) => after === undefined).map(({ path }) => path));
  const reset = new Set<ByteString>();
  const unmerged = new Map<ByteString, ByteString | undefined>();
  for await (const { path, mode, sha, stage } of git.index([])) {
    removed.delete(path);
    const after = known.get(path)?.after;
    if (stage === 0 && after?.sha === sha && after.mode === mode) reset.add(path);
    if (stage > 0) unmerged.set(path, stage === 3 ? sha : unmerged.get(path));
  }
  for (const path of removed) reset.add(path);
  if (unmerged.size > 0) {
    const possible = new Set(touched.map(({ after }) => after?.sha));
    for await (const { sha } of git.tree(theirs)) possible.add(sha);
    for (const [path, sha] of unmerged) if (sha === undefined || possible.has(sha)) reset.add(path);
  }
  if (reset.size === 0) return;
  const none = { mode: '0' as ByteString, sha: '' as ByteString };
  const entries: GitEntry[] = [...reset].map((path) => ({ ...none, path }));
  if (head !== undefined) for await (const entry of git.tree(head, [...reset])) entries.push(entry);
  await git.stage(entries);
}

/** Files that are git's doing become those of the commit again. */
async function restoreFiles(repository: Part, footprint: MergeFootprint, top: ByteString): Promise<void> {
  const { git } = repository;
  const restore: TouchedPath[] = [];
  for (const entry of footprint.touched) {
    if (entry.before !== undefined || leadsElsewhere(entry.path, top)) continue;
    if (await isDoing(footprint, entry, top)) removeWithFolders(entry.path, top);
  }
  const changed = await changedFiles(git);
  for (const entry of footprint.touched) {
    if (entry.before === undefined || !changed.has(entry.path) || leadsElsewhere(entry.path, top)) continue;
    if (await isDoing(footprint, entry, top)) restore.push(entry);
  }
  if (restore.length === 0) return;
  const input = restore.map(({ path }) => `${path}\0`).join('') as ByteString;
  await git.run(['checkout-index', '-f', '-z', '--stdin'], { input });
  await fillRestored(repository, restore);
}

/** git wrote pointers; filled by git-annex's filter in the midst of a merge they would look modified to git. */
async function fillRestored(repository: Part, restored: readonly TouchedPath[]): Promise<void> {
  const files = restored.flatMap(({ before }) => (before?.mode.startsWith('100') === true ? [before] : []));
  for (const { mode, sha } of files) {
    const content = await smallBlob(repository.git, sha);
    const key = content === undefined ? undefined : parsePointer(content);
    if (key !== undefined) await fillPointers(repository, [{ mode, sha, key }]);
  }
}

async function smallBlob(git: Part['git'], sha: ByteString): Promise<ByteString | undefined> {
  for await (const info of git.objectInfo([sha])) {
    if (info === undefined || info.size > maxPointerSize) return undefined;
  }
  return (await git.object(sha))?.content;
}

async function changedFiles(git: Part['git']): Promise<Set<ByteString>> {
  const changed = new Set<ByteString>();
  for await (const path of git.records(['diff', '--name-only', '--no-ext-diff', '-z'], '\0'))
    changed.add(path);
  return changed;
}

/** Whether what is at the path, or that nothing is there, is the work of a git that may have been cut off at any byte. */
async function isDoing(
  footprint: MergeFootprint,
  { path, before, after }: TouchedPath,
  top: ByteString,
): Promise<boolean> {
  const file = `${top}/${path}` as ByteString;
  if (lookAt(file) === undefined) return true;
  for (const entry of [after, before]) {
    if (entry === undefined) continue;
    if (isPartOf(file, await footprint.contents(path, entry), entry.mode === '120000')) return true;
  }
  return false;
}

/** Whether a folder of the path is a link. */
function leadsElsewhere(path: ByteString, top: ByteString): boolean {
  const folders = path.split('/').slice(0, -1);
  return folders.some((_, i) => {
    const folder = `${top}/${folders.slice(0, i + 1).join('/')}` as ByteString;
    return lookAt(folder)?.isSymbolicLink() === true;
  });
}

/** Removes a file, and the folders that are empty then. */
function removeWithFolders(path: ByteString, top: ByteString): void {
  removeFile(`${top}/${path}` as ByteString);
  const parts = path.split('/');
  for (let depth = parts.length - 1; depth > 0; depth--) {
    try {
      rmdirSync(toPath(`${top}/${parts.slice(0, depth).join('/')}` as ByteString));
    } catch {
      return;
    }
  }
}
