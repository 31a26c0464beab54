import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { toPath } from '../../lib/buffers.js';
import { AnnexError } from '../../domain/errors.js';
import type { ByteString } from '../../lib/bytes.js';
import { openGit } from '../../repository/git/open-git.js';
import type { Repository } from '../../repository/repository.js';
import { openScratch } from '../add/scratch.js';
import type { GitReport } from '../merge/git-report.js';
import { type MergeOptions, mergeRef } from '../merge/merge-ref.js';

/**
 * Merges a ref into a commit that is not checked out, with conflicts resolved as always: in a git directory and work tree
 * made for it, in which only the files are written that the merge touches. The repository's own work tree, index and refs
 * stay as they are.
 * @returns the merge commit
 * @throws as `mergeRef`
 */
export async function mergeApart(
  repository: Repository,
  into: ByteString,
  ref: ByteString,
  options: MergeOptions,
  report: GitReport,
): Promise<ByteString> {
  const scratch = await openScratch(repository.annexDir, options.signal);
  const folder = scratch.name();
  const gitDir = `${folder}/git` as ByteString;
  const workTree = `${folder}/tree` as ByteString;
  const location = { gitDir, workTree, commonDir: repository.location.commonDir };
  const git = openGit(location, { signs: repository.git.signs, environment: withoutFilters(process.env) });
  try {
    makeGitDirectory(gitDir, location.commonDir, into);
    mkdirSync(toPath(workTree), { recursive: true });
    await git.run(['read-tree', 'HEAD']);
    const unlocked = { ...repository.unlocked, populate: async () => undefined };
    await mergeRef({ ...repository, location, git, unlocked }, ref, options, report);
    const merged = await git.resolve('HEAD');
    if (merged === undefined) throw new AnnexError('internal', 'a merge has no result');
    return merged;
  } finally {
    await git.close();
    rmSync(toPath(folder), { recursive: true, force: true });
    scratch.release();
  }
}

/** A git directory with a detached HEAD and an index of its own, like that of a linked work tree (gitrepository-layout(5)). */
function makeGitDirectory(gitDir: ByteString, commonDir: ByteString, head: ByteString): void {
  mkdirSync(toPath(gitDir), { recursive: true });
  writeFileSync(toPath(`${gitDir}/HEAD` as ByteString), `${head}\n`);
  writeFileSync(toPath(`${gitDir}/commondir` as ByteString), `${commonDir}\n`, 'latin1');
}

/** Pointers stay pointers, hooks are for the real work tree, and all of the tree is there. */
function withoutFilters(env: NodeJS.ProcessEnv): Record<string, string> {
  const settings = {
    'filter.annex.smudge': '',
    'filter.annex.clean': '',
    'filter.annex.process': '',
    'core.hooksPath': '/dev/null',
    'core.sparseCheckout': 'false',
  };
  let count = Number(env['GIT_CONFIG_COUNT'] ?? 0) || 0;
  const more: Record<string, string> = {};
  for (const [name, value] of Object.entries(settings)) {
    more[`GIT_CONFIG_KEY_${count}`] = name;
    more[`GIT_CONFIG_VALUE_${count}`] = value;
    count++;
  }
  return { ...more, GIT_CONFIG_COUNT: String(count) };
}
