import { AnnexError } from '../../domain/errors.js';
import type { Action, JsonValue } from '../../domain/events.js';
import { keyParts } from '../../domain/key.js';
import { type ByteString, fromText, toText } from '../../lib/bytes.js';
import { quoteName } from '../../lib/quote-name.js';
import type { Conflict } from '../../planning/variants.js';
import type { Repository } from '../../repository/repository.js';
import type { OperationContext, Outcome } from '../context.js';
import { lookAt } from '../merge/conflict-files.js';
import { directoryBelow, type Operand, readOperand, shownFrom } from '../select/operands.js';
import { type FileVersion, findConflicts } from './find-conflicts.js';
import { type KeepChoice, keepVersions, type Manner } from './keep-versions.js';

export interface ConflictsRequest {
  /** Files, versions or folders; none: the whole work tree. */
  readonly paths: readonly ByteString[];
  /** What to do with the versions; undefined: list them. */
  readonly keep: KeepChoice | undefined;
  readonly dryRun: boolean;
  /** The current directory, absolute. */
  readonly cwd: ByteString;
}

/**
 * `conflicts`: lists the versions that merges have left side by side, or keeps one of them or all. What is kept is staged
 * and not committed.
 * @throws `unknown-file` when a path names nothing
 */
export async function conflicts(
  repository: Repository,
  request: ConflictsRequest,
  context: OperationContext,
): Promise<Outcome> {
  const top = repository.location.workTree ?? ('' as ByteString);
  const operands = request.paths.map((given) => readOperand(given, request.cwd, top));
  const chosen = (request.keep?.versions ?? []).map((given) => readOperand(given, request.cwd, top));
  const met = new Set<Operand>();
  const conflicts = await findConflicts(repository, (path, versions) => {
    const names = [path, ...versions];
    const about = operands.filter((operand) => names.some((name) => isBelow(name, operand.path)));
    for (const operand of about) met.add(operand);
    return operands.length === 0 || about.length > 0;
  });
  for (const operand of operands) {
    const there = met.has(operand) || lookAt(`${top}/${operand.path}` as ByteString) !== undefined;
    if (!there) throw new AnnexError('unknown-file', `there is no conflict at ${toText(operand.given)}`);
  }
  const shown = shownFrom(directoryBelow(request.cwd, top));
  const quotePath = () => repository.settings.bool('core.quotePath', true);
  const quoted = (path: ByteString) => toText(quoteName(shown(path), quotePath));
  if (request.keep === undefined) {
    for (const conflict of conflicts) list(repository, conflict, { shown, quoted }, context);
    return { failed: 0, stoppedByLimit: false };
  }
  const choice = { ...request.keep, versions: chosen.map(({ path }) => path) };
  const failed = await keepVersions(repository, conflicts, choice, {
    shown,
    quoted,
    dryRun: request.dryRun,
    context,
  });
  return { failed, stoppedByLimit: false };
}

function isBelow(path: ByteString, folder: ByteString): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`);
}

type Names = Pick<Manner, 'shown' | 'quoted'>;

function list(
  repository: Repository,
  { path, versions }: Conflict<FileVersion>,
  { shown, quoted }: Names,
  { emit }: OperationContext,
): void {
  const file = shown(path);
  const action: Action = { command: 'conflicts', file, input: [] };
  emit({ type: 'start', action });
  emit({ type: 'note', action, text: versions.length === 1 ? '1 version' : `${versions.length} versions` });
  const names = versions.map(({ path }) => quoted(path));
  const width = Math.max(...names.map((name) => name.length));
  const lines = versions.map((version, i) => `${(names[i] ?? '').padEnd(width)}  ${described(version)}`);
  emit({ type: 'long-note', action, text: lines.join('\n'), plainOnly: true });
  const fields = { versions: versions.map((version) => versionFields(repository, version, shown)) };
  emit({ type: 'end', action, success: true, fields });
}

function described({ change }: FileVersion): string {
  if (change === undefined) return 'not committed';
  const { author, email, time, subject, commit } = change;
  return `${isoTime(time)}  ${toText(author)} <${toText(email)}>  ${commit.slice(0, 7)} ${toText(subject)}`;
}

/** In UTC, to the second. */
function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}

function versionFields(
  { objects }: Repository,
  { path, key, mode, change }: FileVersion,
  shown: (path: ByteString) => ByteString,
): { readonly [name: string]: JsonValue } {
  const link = mode === '120000';
  const plain = { kind: link ? 'symlink' : 'plain', key: null, bytesize: null, here: true };
  const annexed = key && {
    kind: link ? 'locked' : 'unlocked',
    key,
    bytesize: keyParts(key).size ?? null,
    here: objects.locate(key) !== undefined,
  };
  const changed = change && {
    author: change.author,
    email: change.email,
    date: fromText(isoTime(change.time)),
    commit: change.commit,
    message: change.subject,
  };
  return { file: shown(path), ...(annexed ?? plain), ...changed };
}
