import { AnnexError } from '../../domain/errors.js';
import type { Key } from '../../domain/key.js';
import type { Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import { readBranchChanges } from '../../planning/sync-content.js';
import type { Git } from '../../repository/git/git.js';
import type { Repository } from '../../repository/repository.js';
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

/** The git-annex branch and the index as they are now; undefined while they can't be named (a merge has conflicts). */
export async function contentState({ git, branch, location }: Repository): Promise<ContentState | undefined> {
  const tip = await branch.tip();
  if (tip === undefined) return undefined;
  if (location.workTree === undefined) return { branch: tip, tree: tip };
  const { exitCode, stdout } = await git.run(['write-tree'], { accept: 'any' });
  return exitCode === 0 ? { branch: tip, tree: stdout.trimEnd() as ByteString } : undefined;
}

/** What has changed since all content was in step with each of the remotes. */
export async function contentChanges(
  repository: Repository,
  state: ContentState,
  remotes: readonly Uuid[],
  choices: string,
): Promise<ContentChanges> {
  const keys = new Set<Key>();
  const paths = new Set<ByteString>();
  const seen = new Set<string>();
  for (const remote of remotes) {
    const record = readContentRecord(repository.annexDir, remote);
    if (record === undefined || record.choices !== choices) return 'everything';
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
    const paths = location.workTree === undefined ? [] : await changedPaths(git, record.tree, state.tree);
    return { keys: branch.keys, paths: new Set(paths) };
  } catch (error) {
    // What was recorded is gone from the repository.
    if (error instanceof AnnexError && error.code === 'git-failed') return 'everything';
    throw error;
  }
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
