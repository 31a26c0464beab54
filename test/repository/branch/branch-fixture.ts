import type { ByteString } from '../../../src/lib/bytes.js';
import type { AnnexBranch } from '../../../src/repository/branch/annex-branch.js';
import { createLogClock } from '../../../src/repository/branch/log-clock.js';
import {
  type AnnexBranchOptions,
  openAnnexBranch,
} from '../../../src/repository/branch/open-annex-branch.js';
import type { Git } from '../../../src/repository/git/git.js';
import { openGit } from '../../../src/repository/git/open-git.js';
import { annex, git, locationOf, newRepository, output } from '../git/temporary-repository.js';

export const b = (text: string): ByteString => text as ByteString;

export interface OpenedBranch {
  readonly branch: AnnexBranch;
  readonly git: Git;
}

export function openBranch(
  folder: string,
  more: Partial<AnnexBranchOptions> & { config?: Record<string, string> } = {},
): OpenedBranch {
  const opened = openGit(locationOf(folder));
  const config = more.config ?? {};
  const branch = openAnnexBranch({
    git: opened,
    annexDir: b(`${folder}/.git/annex`),
    settings: {
      get: (name) => config[name] as ByteString | undefined,
      bool: (name, fallback) => (config[name] === undefined ? fallback : config[name] === 'true'),
    },
    clock: createLogClock(),
    ...more,
  });
  return { branch, git: opened };
}

/** A new annex with one commit, made by git-annex. */
export function newAnnex(folder: string, name: string): void {
  newRepository(folder);
  git(folder, 'config', 'user.name', 'T');
  git(folder, 'config', 'user.email', 't@example.com');
  annex(folder, 'init', '-q', name);
}

/** Files of the branch as git sees them. */
export function branchFiles(folder: string, ref = 'refs/heads/git-annex'): Map<string, string> {
  const files = new Map<string, string>();
  const entries = git(folder, 'ls-tree', '-r', '-z', ref).split('\0').slice(0, -1);
  const shas = entries.map((entry) => entry.split(/[ \t]/)[2]);
  const contents = output(folder, 'git', ['cat-file', '--batch'], {}, `${shas.join('\n')}\n`);
  let at = 0;
  for (const entry of entries) {
    const start = contents.indexOf('\n', at) + 1;
    const end = start + Number(contents.slice(at, start).split(' ')[2]);
    files.set(entry.slice(entry.indexOf('\t') + 1), contents.slice(start, end));
    at = end + 1;
  }
  return files;
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

export const append = (line: string) => (content: ByteString) => `${content}${line}\n` as ByteString;
