import { AnnexError } from '../../domain/errors.js';
import type { Key } from '../../domain/key.js';
import type { Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import { streamOf } from '../../lib/in-batches.js';
import { readBranchChanges } from '../../planning/sync-content.js';
import type { Git, GitEntry } from '../../repository/git/git.js';
import type { Repository } from '../../repository/repository.js';
import { annexedEntries } from '../select/keys-of-entries.js';
import { currentBranch } from './current-branch.js';
import { type ContentRecord, readContentRecord } from './content-record.js';

/** The state of a repository that a look at its content is based on. */
export interface ContentState {
  readonly branch: ByteString;
  readonly tree: ByteString;
}

/** What has to be looked at. */
export type ContentChanges =
  | 'everything'
  | { readonly keys: ReadonlySet<Key>; readonly paths: ReadonlySet<ByteString> };

/** The git-annex branch and the index as they are now; undefined while they can't be named (a merge has conflicts), or do not tell everything. */
export async function contentState({ git, branch, location }: Repository): Promise<ContentState | undefined> {
  const tip = await branch.tip();
  if (tip === undefined) return undefined;
  if (location.workTree === undefined) return { branch: tip, tree: tip };
  // Which files there are then depends on which contents are here, which no tree tells.
  if ((await currentBranch(git))?.adjusted?.adjustment.presence !== undefined) return undefined;
  const { exitCode, stdout } = await git.run(['write-tree'], { accept: 'any' });
  return exitCode === 0 ? { branch: tip, tree: stdout.trimEnd() as ByteString } : undefined;
}

/** What has changed since all content was in step with each of the repositories. */
export async function contentChanges(
  repository: Repository,
  state: ContentState,
  repositories: readonly Uuid[],
  choices: (uuid: Uuid) => string,
): Promise<ContentChanges> {
  const keys = new Set<Key>();
  const paths = new Set<ByteString>();
  const seen = new Set<string>();
  for (const uuid of repositories) {
    const record = readContentRecord(repository.annexDir, uuid);
    if (record === undefined || record.choices !== choices(uuid)) return 'everything';
    for (const key of record.pending) keys.add(key);
    const same = `${record.branch} ${record.tree}`;
    if (seen.has(same)) continue;
    seen.add(same);
    const changes = await changesSince(repository, record, state);
    if (changes === 'everything') return changes;
    for (const key of changes.keys) keys.add(key);
    for (const path of changes.paths) paths.add(path);
  }
  return { keys, paths };
}

async function changesSince(
  { git, location }: Repository,
  record: ContentRecord,
  state: ContentState,
): Promise<ContentChanges> {
  try {
    const branch = readBranchChanges(await changedPaths(git, record.branch, state.branch));
    if (branch.kind === 'rules') return 'everything';
    if (location.workTree === undefined) return { keys: branch.keys, paths: new Set() };
    return await changesOfFiles(git, record, state, new Set(branch.keys));
  } catch (error) {
    // What was recorded is gone from the repository.
    if (error instanceof AnnexError && error.code === 'git-failed') return 'everything';
    throw error;
  }
}

/** Files that changed, and the keys they had before: other files with the same content may decide about them now. */
async function changesOfFiles(
  git: Git,
  record: ContentRecord,
  state: ContentState,
  keys: Set<Key>,
): Promise<ContentChanges> {
  const paths = new Set<ByteString>();
  if (record.tree === state.tree) return { keys, paths };
  const before: { entry: GitEntry }[] = [];
  const args = ['diff-tree', '-r', '-z', '--raw', '--no-abbrev', '--no-renames', record.tree, state.tree];
  let entry: { mode: ByteString; sha: ByteString } | undefined;
  for await (const field of git.records(args, '\0')) {
    if (entry === undefined) {
      const [mode = '', , sha = ''] = field.slice(1).split(' ') as ByteString[];
      entry = { mode: mode as ByteString, sha: sha as ByteString };
      continue;
    }
    // It may say how many copies a file is to have.
    if (field === '.gitattributes' || field.endsWith('/.gitattributes')) return 'everything';
    paths.add(field);
    before.push({ entry: { ...entry, path: field } });
    entry = undefined;
  }
  for await (const { key } of annexedEntries(git, streamOf(before))) keys.add(key);
  return { keys, paths };
}

/** Paths that differ between two trees or commits. */
export async function changedPaths(git: Git, from: ByteString, to: ByteString): Promise<ByteString[]> {
  if (from === to) return [];
  const paths: ByteString[] = [];
  for await (const path of git.records(
    ['diff-tree', '-r', '-z', '--name-only', '--no-renames', from, to],
    '\0',
  )) {
    paths.push(path);
  }
  return paths;
}
