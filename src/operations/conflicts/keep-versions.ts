import { AnnexError } from '../../domain/errors.js';
import type { Action } from '../../domain/events.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import { type Conflict, type KeepPlan, keepAll, keepOne, newestOf } from '../../planning/variants.js';
import type { GitEntry } from '../../repository/git/git.js';
import type { Repository } from '../../repository/repository.js';
import type { OperationContext } from '../context.js';
import { giveSecondName, lookAt, removeFile } from '../merge/conflict-files.js';
import type { FileVersion } from './find-conflicts.js';

/** Which versions stay. */
export interface KeepChoice {
  /** `chosen`: the named ones, each in place of the others of its file. */
  readonly which: 'chosen' | 'newest' | 'all';
  readonly versions: readonly ByteString[];
}

/** How it is done and told. */
export interface Manner {
  readonly shown: (path: ByteString) => ByteString;
  /** The same for text. */
  readonly quoted: (path: ByteString) => string;
  readonly dryRun: boolean;
  readonly context: OperationContext;
}

interface Decision extends KeepPlan {
  readonly conflict: Conflict<FileVersion>;
}

/**
 * Keeps versions under ordinary names and removes the others, in the work tree and in git's index. Only what is committed is
 * removed. A kill leaves a version under both names at worst: new names are made first, old ones removed last.
 * @returns how many conflicts could not be settled
 * @throws `unknown-file` when a chosen file is not a version; `usage` when two of one file are chosen
 */
export async function keepVersions(
  repository: Repository,
  conflicts: readonly Conflict<FileVersion>[],
  choice: KeepChoice,
  manner: Manner,
): Promise<number> {
  const { git, location } = repository;
  const top = location.workTree ?? ('' as ByteString);
  const tracked = await namesInUse(git, conflicts);
  const taken = (path: ByteString) =>
    tracked.has(path) || lookAt(`${top}/${path}` as ByteString) !== undefined;
  const decisions = decide(conflicts, choice, taken);
  const uncommitted = await uncommittedFiles(
    git,
    decisions.flatMap(({ conflict }) => conflict.versions.map(({ path }) => path)),
  );
  let failed = 0;
  const settled: Decision[] = [];
  for (const decision of decisions) {
    const obstacle = obstacleTo(decision, uncommitted, taken);
    if (obstacle === undefined) settled.push(decision);
    else failed += 1;
    tell(decision, obstacle, manner);
  }
  if (!manner.dryRun && settled.length > 0) await carryOut(repository, settled, top);
  return failed;
}

function decide(
  conflicts: readonly Conflict<FileVersion>[],
  { which, versions }: KeepChoice,
  taken: (path: ByteString) => boolean,
): Decision[] {
  if (which === 'all') return conflicts.map((conflict) => ({ conflict, ...keepAll(conflict, taken) }));
  if (which === 'newest') {
    return conflicts.map((conflict) => ({ conflict, ...keepOne(conflict, newestOf(conflict.versions)) }));
  }
  const decisions = new Map<Conflict<FileVersion>, Decision>();
  for (const path of versions) {
    const conflict = conflicts.find((one) => one.versions.some((version) => version.path === path));
    const kept = conflict?.versions.find((version) => version.path === path);
    if (conflict === undefined || kept === undefined) {
      throw new AnnexError('unknown-file', `${toText(path)} is not a version of a file in conflict`);
    }
    if (decisions.has(conflict)) {
      throw new AnnexError('usage', `only one version of ${toText(conflict.path)} can be kept`, {
        hint: 'Use --keep-all to keep them all.',
      });
    }
    decisions.set(conflict, { conflict, ...keepOne(conflict, kept) });
  }
  return [...decisions.values()];
}

/** Names of the index beside the versions: a number must not make one of them. */
async function namesInUse(
  git: Repository['git'],
  conflicts: readonly Conflict<FileVersion>[],
): Promise<Set<ByteString>> {
  const names = new Set<ByteString>();
  if (conflicts.length > 0) for await (const { path } of git.index([])) names.add(path);
  return names;
}

async function uncommittedFiles(
  git: Repository['git'],
  paths: readonly ByteString[],
): Promise<Set<ByteString>> {
  const found = new Set<ByteString>();
  if (paths.length === 0) return found;
  for await (const path of git.records(['diff', '--name-only', '--no-renames', '-z', 'HEAD'], '\0')) {
    found.add(path);
  }
  return found;
}

function obstacleTo(
  { conflict, keep }: Decision,
  uncommitted: Set<ByteString>,
  taken: (path: ByteString) => boolean,
): AnnexError | undefined {
  const changed = conflict.versions.find(({ path }) => uncommitted.has(path));
  if (changed !== undefined) {
    return new AnnexError('merge-conflict', `${toText(changed.path)} has changes that are not committed`, {
      hint: 'Commit them first, or take them back.',
    });
  }
  const versions = new Set(conflict.versions.map(({ path }) => path));
  const inWay = keep.find(({ from, to }) => from !== to && !versions.has(to) && taken(to));
  if (inWay === undefined) return undefined;
  return new AnnexError('merge-conflict', `${toText(inWay.to)} is in the way`, {
    hint: 'Move it, or add it.',
  });
}

function tell(
  { conflict, keep, remove }: Decision,
  obstacle: AnnexError | undefined,
  { shown, quoted, dryRun, context }: Manner,
): void {
  const { emit } = context;
  const action: Action = { command: 'keep', file: shown(conflict.path), input: [] };
  emit({ type: 'start', action });
  const fields = {
    keep: keep.map(({ from, to }) => ({ file: shown(from), as: shown(to) })),
    remove: remove.map(shown),
    ...(dryRun ? { 'dry-run': true } : {}),
  };
  if (obstacle !== undefined) {
    const errors = [obstacle.message, ...(obstacle.hint === undefined ? [] : [obstacle.hint])];
    return emit({ type: 'end', action, success: false, errors, fields });
  }
  const kept = keep.map(({ from, to }) => `${quoted(from)} as ${quoted(to)}`);
  if (kept.length > 0) emit({ type: 'note', action, text: kept.join(', ') });
  if (remove.length > 0) {
    emit({ type: 'note', action, text: `without ${remove.map(quoted).join(', ')}` });
  }
  if (dryRun) emit({ type: 'note', action, text: 'not done' });
  emit({ type: 'end', action, success: true, fields });
}

async function carryOut(
  { git, location }: Repository,
  decisions: readonly Decision[],
  top: ByteString,
): Promise<void> {
  const inTree = (path: ByteString) => `${top}/${path}` as ByteString;
  const moves = decisions.flatMap(({ keep }) => keep).filter(({ from, to }) => from !== to);
  for (const { from, to } of moves) giveSecondName(inTree(from), inTree(to), location.gitDir);
  const entries = new Map<ByteString, GitEntry>();
  for (const { conflict } of decisions) for (const entry of conflict.versions) entries.set(entry.path, entry);
  const gone = [...moves.map(({ from }) => from), ...decisions.flatMap(({ remove }) => remove)];
  const none = { mode: '0' as ByteString, sha: '' as ByteString };
  await git.stage([
    ...gone.map((path) => ({ ...none, path })),
    ...moves.flatMap(({ from, to }) => {
      const entry = entries.get(from);
      return entry === undefined ? [] : [{ mode: entry.mode, sha: entry.sha, path: to }];
    }),
  ]);
  for (const path of gone) removeFile(inTree(path));
  await git.run(['update-index', '-q', '--refresh'], { accept: 'any' });
}
