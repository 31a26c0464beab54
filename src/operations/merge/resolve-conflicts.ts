import { AnnexError } from '../../domain/errors.js';
import type { ByteString } from '../../lib/bytes.js';
import { toText } from '../../lib/bytes.js';
import { type ConflictSide, type ResolvedEntry, resolveConflict } from '../../planning/sync-conflicts.js';
import type { GitEntry } from '../../repository/git/git.js';
import type { Repository } from '../../repository/repository.js';
import {
  isConflictOf,
  isFileWith,
  isPartOf,
  lookAt,
  makeExecutable,
  removeFile,
  renameFile,
  writeEntry,
} from './conflict-files.js';
import { type UnmergedPath, unmergedPaths } from './unmerged-paths.js';

/** What became of the conflicts of a merge. */
export interface ConflictOutcome {
  readonly resolved: readonly ByteString[];
  /** Conflicts in which no annexed file is involved, or whose files somebody has begun to edit. */
  readonly left: readonly ByteString[];
}

/** A work tree with its index, and what is needed to fill unlocked files there. */
export type ConflictPlace = Pick<Repository, 'git' | 'location' | 'objects' | 'unlocked'>;

interface Plan extends UnmergedPath {
  readonly entries: readonly ResolvedEntry[];
}

/** Which conflicts are resolved, and where they are. */
export interface ResolveOptions {
  /** Whether git has made the conflicts just now; if not, what looks edited is left alone. */
  readonly fresh: boolean;
  /** Whether conflicts without an annexed file are resolved, too. */
  readonly plain: boolean;
  /** The commits that are merged; default: `HEAD` and `MERGE_HEAD`. */
  readonly ours?: ByteString;
  readonly theirs?: ByteString;
}

/**
 * Resolves conflicts in a work tree and in its index: those of `repository.location` and `repository.git`, which need not
 * be the user's own. Nothing is committed. May be cut off at any point and done again: the new files are written first,
 * then git's leftovers are removed, then the index changes at once.
 * @throws `merge-conflict` before anything is changed when a file that git does not know is in a variant's way
 */
export async function resolveConflicts(
  repository: ConflictPlace,
  options: ResolveOptions,
): Promise<ConflictOutcome> {
  const { git } = repository;
  const top = repository.location.workTree;
  if (top === undefined) return { resolved: [], left: [] };
  const conflicts = await unmergedPaths(git, options.ours, options.theirs);
  const { plans, left } = await plansFor(repository, conflicts, top, options);
  if (plans.length === 0) return { resolved: [], left };
  const contents = await contentsOf(repository, plans);
  await refuseToOverwrite(repository, plans, contents, top);
  await writeFiles(repository, plans, contents, top);
  for (const plan of plans) removeLeftovers(plan, top);
  await git.stage(plans.flatMap(stagedEntries));
  await fillPointers(
    repository,
    plans.flatMap((plan) => plan.entries).map(({ side }) => side),
  );
  return { resolved: plans.map((plan) => plan.path), left };
}

/** Gives unlocked files their content, where it is here. */
export async function fillPointers(
  { objects, unlocked }: ConflictPlace,
  sides: readonly ConflictSide[],
): Promise<void> {
  for (const { key, mode } of sides) {
    const object = key !== undefined && mode !== '120000' ? objects.locate(key) : undefined;
    if (key !== undefined && object !== undefined) await unlocked.populate(key, object);
  }
}

async function plansFor(
  { git }: ConflictPlace,
  conflicts: readonly UnmergedPath[],
  top: ByteString,
  { fresh, plain }: ResolveOptions,
): Promise<{ plans: Plan[]; left: ByteString[] }> {
  const wanted = conflicts.flatMap((conflict) => resolveConflict(conflict, () => false, plain) ?? []);
  const merged = new Map<ByteString, ByteString>();
  if (wanted.length > 0) {
    for await (const entry of git.index(wanted.map((entry) => entry.path))) {
      if (entry.stage === 0) merged.set(entry.path, entry.sha);
    }
  }
  const folders = new Set([...merged.keys(), ...wanted.map(({ path }) => path)].flatMap(parents));
  const plans: Plan[] = [];
  const left: ByteString[] = [];
  for (const conflict of conflicts) {
    const entries = resolveConflict(
      conflict,
      (path, side) => folders.has(path) || (merged.get(path) ?? side.sha) !== side.sha,
      plain,
    );
    const mayTouch = fresh || (await looksUntouched(git, conflict, top, plain));
    if (entries === undefined || !mayTouch) left.push(conflict.path);
    else plans.push({ ...conflict, entries });
  }
  return { plans, left };
}

function parents(path: ByteString): string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, i) => parts.slice(0, i + 1).join('/'));
}

/**
 * Whether the conflict's files are links, gone, what one of the sides has, or as git's merge left them.
 * @param cutOff whether they may also be the beginning of that
 */
async function looksUntouched(
  git: ConflictPlace['git'],
  conflict: UnmergedPath,
  top: ByteString,
  cutOff: boolean,
): Promise<boolean> {
  const [base, ours, theirs] = await Promise.all(
    [conflict.base, conflict.ours, conflict.theirs].map(async (side) =>
      side === undefined || side.mode === '160000' ? undefined : smallBlob(git, side.sha),
    ),
  );
  for (const piece of conflict.pieces) {
    const path = `${top}/${piece}` as ByteString;
    const written = await smallBlob(git, `AUTO_MERGE:${piece}` as ByteString);
    const known = [ours, theirs, written].filter((text) => text !== undefined);
    const same = isFileWith(path, known) !== false || (cutOff && isPartOf(path, known, false));
    if (!same && !isConflictOf(path, base, ours, theirs)) return false;
  }
  return true;
}

/** Bytes up to which a file is compared with what git has. */
const mostCompared = 64 * 1024 * 1024;

async function smallBlob(git: ConflictPlace['git'], name: ByteString): Promise<ByteString | undefined> {
  for await (const info of git.objectInfo([name])) {
    if (info === undefined || info.size > mostCompared) return undefined;
  }
  return (await git.object(name))?.content;
}

/** Link targets and pointers, by sha. */
async function contentsOf(
  { git }: ConflictPlace,
  plans: readonly Plan[],
): Promise<Map<ByteString, ByteString>> {
  const contents = new Map<ByteString, ByteString>();
  for (const { side } of plans.flatMap((plan) => plan.entries)) {
    if (side.key === undefined || contents.has(side.sha)) continue;
    const object = await git.object(side.sha);
    if (object === undefined) throw new AnnexError('git-failed', `git object ${side.sha} is missing`);
    contents.set(side.sha, object.content);
  }
  return contents;
}

async function refuseToOverwrite(
  { git }: ConflictPlace,
  plans: readonly Plan[],
  contents: Map<ByteString, ByteString>,
  top: ByteString,
): Promise<void> {
  for (const { entries, pieces } of plans) {
    for (const { path, side } of entries) {
      const file = `${top}/${path}` as ByteString;
      if (pieces.includes(path) || lookAt(file) === undefined) continue;
      const content =
        contents.get(side.sha) ?? (side.mode === '120000' ? await smallBlob(git, side.sha) : undefined);
      const own =
        content === undefined
          ? await hasBlob(git, path, file, side.sha)
          : isPartOf(file, [content], side.mode === '120000');
      if (own) continue;
      throw new AnnexError('merge-conflict', `${toText(path)} is in the way of a version from the merge`, {
        hint: 'Move it or add it, then merge again.',
      });
    }
  }
}

/** Whether git would store a file as that blob. */
async function hasBlob(
  git: ConflictPlace['git'],
  path: ByteString,
  file: ByteString,
  sha: ByteString,
): Promise<boolean> {
  if (lookAt(file)?.isFile() !== true) return false;
  const args = ['hash-object', `--path=${path}`, '--', file] as ByteString[];
  return (await git.run(args, { accept: 'any' })).stdout.trimEnd() === sha;
}

async function writeFiles(
  { git, location }: ConflictPlace,
  plans: readonly Plan[],
  contents: Map<ByteString, ByteString>,
  top: ByteString,
): Promise<void> {
  for (const plan of plans) {
    // A version that stays where git writes both comes last.
    const entries = [...plan.entries].sort(
      (a, b) => Number(plan.pieces.includes(a.path)) - Number(plan.pieces.includes(b.path)),
    );
    for (const { path, side } of entries) {
      const content = contents.get(side.sha);
      const target = `${top}/${path}` as ByteString;
      if (content !== undefined) {
        writeEntry(target, side.mode, content, location.gitDir);
        continue;
      }
      const stage = side.sha === plan.ours?.sha ? 2 : 3;
      const piece = stage === 2 ? plan.oursAt : plan.theirsAt;
      if (piece === undefined) continue;
      await git.run(['checkout-index', '-f', `--stage=${stage}`, '--', piece]);
      if (piece !== path) renameFile(`${top}/${piece}` as ByteString, target);
      if (side.mode === '100755') makeExecutable(target);
    }
  }
}

function stagedEntries(plan: Plan): GitEntry[] {
  const gone = plan.pieces.map((path) => ({ mode: '0' as ByteString, sha: '' as ByteString, path }));
  return [...gone, ...plan.entries.map(({ path, side }) => ({ mode: side.mode, sha: side.sha, path }))];
}

function removeLeftovers(plan: Plan, top: ByteString): void {
  const kept = new Set(plan.entries.map((entry) => entry.path));
  for (const piece of plan.pieces) if (!kept.has(piece)) removeFile(`${top}/${piece}` as ByteString);
}
