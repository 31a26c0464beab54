import { keyLogPath } from '../../domain/hash-directories.js';
import type { Key } from '../../domain/key.js';
import {
  changeMetadata,
  type Metadata,
  type MetadataValues,
  parseMetadata,
} from '../../domain/logs/metadata-log.js';
import { valuesOf } from '../../domain/metadata.js';
import type { View } from '../../domain/views/view.js';
import { fieldsOfViewPath } from '../../domain/views/view-paths.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import { quoteName } from '../../lib/quote-name.js';
import type { GitEntry } from '../../repository/git/git.js';
import type { Repository } from '../../repository/repository.js';
import { keyOf } from '../select/keys-of-entries.js';
import { logClock } from '../settings-log/log-clock.js';
import { currentBranch } from '../sync/current-branch.js';
import { viewOfBranch } from './view-log-file.js';

/** A file that the commit takes away from its place in the view, or puts there. */
interface Move {
  readonly key: Key;
  readonly path: ByteString;
  readonly added: boolean;
}

/**
 * What a commit in a view does to metadata: files that are taken out of a directory lose the value it stands for, files that are
 * put into one get it. Gives lines that tell so; none outside views.
 */
export async function commitViewMetadata(repository: Repository): Promise<string[]> {
  const { git, annexDir, settings, branch } = repository;
  const head = await currentBranch(git);
  const view = head === undefined ? undefined : viewOfBranch(annexDir, head.ref);
  if (view === undefined) return [];
  const moves = await stagedMoves(repository);
  if (moves.length === 0) return [];
  const quotePath = () => settings.bool('core.quotepath', true);
  const lines: string[] = [];
  let changed = false;
  for (const move of moves) {
    const changes = await applyMove(repository, view, move);
    if (changes.length > 0) changed = true;
    const sign = move.added ? '+' : '-';
    const shown = changes.map(({ field, value }) => `  ${toText(field)}${sign}=${toText(value)}`);
    const body = shown.length > 0 ? shown : [''];
    lines.push(`metadata ${toText(quoteName(move.path, quotePath))} `, ...body, 'ok');
  }
  if (changed && settings.bool('annex.alwayscommit', true) && (await branch.commit())) {
    lines.push('(recording state in git...)');
  }
  return lines;
}

async function applyMove({ branch }: Repository, view: View, { key, path, added }: Move) {
  let fields: ReturnType<typeof fieldsOfViewPath> = [];
  const now = logClock();
  const change = (content: ByteString): ByteString => {
    const before: Metadata = parseMetadata(content);
    fields = fieldsOfViewPath(view, path, (field) => valuesOf(before, field));
    const changes = new Map<ByteString, MetadataValues>();
    for (const { field, value } of fields) changes.set(field, new Map([[value, added]]));
    return changeMetadata(content, changes, now);
  };
  await branch.change([{ path: keyLogPath(key, 'metadata'), change }]);
  return fields;
}

/** What is staged, files that go before those that come. */
async function stagedMoves({ git }: Repository): Promise<Move[]> {
  const args = ['diff-index', '--cached', '--raw', '-z', '--no-renames', '--no-abbrev', 'HEAD', '--'];
  const gone: Move[] = [];
  const come: Move[] = [];
  let record: string[] | undefined;
  for await (const part of git.records(args, '\0')) {
    if (record === undefined) {
      record = part.slice(1).split(' ');
      continue;
    }
    const [oldMode, newMode, oldSha, newSha] = record;
    record = undefined;
    const before = await keyAt(git, { mode: oldMode, sha: oldSha, path: part });
    const after = await keyAt(git, { mode: newMode, sha: newSha, path: part });
    if (before === after) continue;
    if (before !== undefined) gone.push({ key: before, path: part, added: false });
    if (after !== undefined) come.push({ key: after, path: part, added: true });
  }
  return [...gone, ...come];
}

async function keyAt(
  git: Repository['git'],
  { mode, sha, path }: { mode: string | undefined; sha: string | undefined; path: ByteString },
): Promise<Key | undefined> {
  if (mode === undefined || sha === undefined || !/^1[02]0/.test(mode)) return undefined;
  const entry: GitEntry = { mode: mode as ByteString, sha: sha as ByteString, path };
  return keyOf(git, entry);
}
