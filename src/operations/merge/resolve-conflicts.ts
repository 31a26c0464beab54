import { AnnexError } from '../../domain/errors.js';
import type { ByteString } from '../../lib/bytes.js';
import { toText } from '../../lib/bytes.js';
import { type ConflictSide, type ResolvedEntry, resolveConflict } from '../../planning/sync-conflicts.js';
import type { GitEntry } from '../../repository/git/git.js';
import type { Repository } from '../../repository/repository.js';
import { isConflictOf, isFileWith, removeFile, renameFile, writeEntry } from './conflict-files.js';
import { type UnmergedPath, unmergedPaths } from './unmerged-paths.js';

/** What became of the conflicts of a merge. */
export interface ConflictOutcome {
  readonly resolved: readonly ByteString[];
  /** Conflicts in which no annexed file is involved, or whose files somebody has begun to edit. */
  readonly left: readonly ByteString[];
}

type Part = Pick<Repository, 'git' | 'location' | 'objects' | 'unlocked'>;

interface Plan extends UnmergedPath {
  readonly entries: readonly ResolvedEntry[];
}

/**
 * Resolves the conflicts of the merge in progress that involve annexed files, in the work tree and in the index. Nothing
 * is committed. May be cut off at any point and done again: the new files are written first, then git's leftovers are
 * removed, then the index changes at once.
 * @param fresh whether git has made the conflict just now; if not, what looks edited is left alone
 * @throws `merge-conflict` before anything is changed when a file that git does not know is in a variant's way
 */
export async function resolveConflicts(repository: Part, fresh: boolean): Promise<ConflictOutcome> {
  const { git } = repository;
  const top = repository.location.workTree;
  if (top === undefined) return { resolved: [], left: [] };
  const conflicts = await unmergedPaths(git);
  const { plans, left } = await plansFor(repository, conflicts, top, fresh);
  if (plans.length === 0) return { resolved: [], left };
  const contents = await contentsOf(repository, plans);
  refuseToOverwrite(plans, contents, top);
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
  { objects, unlocked }: Part,
  sides: readonly ConflictSide[],
): Promise<void> {
  for (const { key, mode } of sides) {
    const object = key !== undefined && mode !== '120000' ? objects.locate(key) : undefined;
    if (key !== undefined && object !== undefined) await unlocked.populate(key, object);
  }
}

async function plansFor(
  { git }: Part,
  conflicts: readonly UnmergedPath[],
  top: ByteString,
  fresh: boolean,
): Promise<{ plans: Plan[]; left: ByteString[] }> {
  const wanted = conflicts.flatMap((conflict) => resolveConflict(conflict, () => false) ?? []);
  const merged = new Map<ByteString, ByteString>();
  if (wanted.length > 0) {
    for await (const entry of git.index(wanted.map((entry) => entry.path))) {
      if (entry.stage === 0) merged.set(entry.path, entry.sha);
    }
  }
  const folders = new Set([...merged.keys()].flatMap(parents));
  const plans: Plan[] = [];
  const left: ByteString[] = [];
  for (const conflict of conflicts) {
    const entries = resolveConflict(
      conflict,
      (path, side) => folders.has(path) || (merged.get(path) ?? side.sha) !== side.sha,
    );
    const mayTouch = fresh || (await looksUntouched(git, conflict, top));
    if (entries === undefined || !mayTouch) left.push(conflict.path);
    else plans.push({ ...conflict, entries });
  }
  return { plans, left };
}

function parents(path: ByteString): string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, i) => parts.slice(0, i + 1).join('/'));
}

/** Whether the conflict's files are links, gone, exactly what one of the sides has, or as git's merge left them. */
export async function looksUntouched(
  git: Part['git'],
  conflict: UnmergedPath,
  top: ByteString,
): Promise<boolean> {
  const content = async (side: ConflictSide | undefined): Promise<ByteString | undefined> =>
    side === undefined || side.mode === '160000' ? undefined : (await git.object(side.sha))?.content;
  const [base, ours, theirs] = await Promise.all(
    [conflict.base, conflict.ours, conflict.theirs].map(content),
  );
  const sides = [ours, theirs].filter((text) => text !== undefined);
  return conflict.pieces.every((piece) => {
    const path = `${top}/${piece}` as ByteString;
    return isFileWith(path, sides) !== false || isConflictOf(path, base, ours, theirs);
  });
}

/** Link targets and pointers, by sha. */
async function contentsOf({ git }: Part, plans: readonly Plan[]): Promise<Map<ByteString, ByteString>> {
  const contents = new Map<ByteString, ByteString>();
  for (const { side } of plans.flatMap((plan) => plan.entries)) {
    if (side.key === undefined || contents.has(side.sha)) continue;
    const object = await git.object(side.sha);
    if (object === undefined) throw new AnnexError('git-failed', `git object ${side.sha} is missing`);
    contents.set(side.sha, object.content);
  }
  return contents;
}

function refuseToOverwrite(
  plans: readonly Plan[],
  contents: Map<ByteString, ByteString>,
  top: ByteString,
): void {
  for (const { entries, pieces } of plans) {
    for (const { path, side } of entries) {
      const content = contents.get(side.sha);
      if (content === undefined || pieces.includes(path)) continue;
      if (isFileWith(`${top}/${path}` as ByteString, [content], side.mode === '120000') !== false) continue;
      throw new AnnexError('merge-conflict', `${toText(path)} is in the way of a version from the merge`, {
        hint: 'Move it or add it, then merge again.',
      });
    }
  }
}

async function writeFiles(
  { git }: Part,
  plans: readonly Plan[],
  contents: Map<ByteString, ByteString>,
  top: ByteString,
): Promise<void> {
  for (const plan of plans) {
    for (const { path, side } of plan.entries) {
      const content = contents.get(side.sha);
      const target = `${top}/${path}` as ByteString;
      if (content !== undefined) {
        writeEntry(target, side.mode, content);
        continue;
      }
      const stage = side === plan.ours ? 2 : 3;
      const piece = stage === 2 ? plan.oursAt : plan.theirsAt;
      if (piece === undefined) continue;
      await git.run(['checkout-index', '-f', `--stage=${stage}`, '--', piece]);
      if (piece !== path) renameFile(`${top}/${piece}` as ByteString, target);
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
