import { existsSync, lstatSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { relative } from 'node:path/posix';
import type { ByteString } from '../../lib/bytes.js';
import { toPath } from '../../lib/buffers.js';
import type { RepositoryLocation } from '../../repository/repository.js';
import type { Settings } from '../../repository/settings/settings.js';

/**
 * In submodules and linked work trees `.git` is a file, so that `.git/annex/objects/...`, where locked files point to, leads
 * nowhere. As git-annex does, it is replaced by a symlink to the git directory, with `annex` in that of a linked work tree
 * leading to the shared one. A submodule's `core.worktree` goes, being relative to where the git directory seems to be.
 */
export async function linkGitDirectory(location: RepositoryLocation, settings: Settings): Promise<void> {
  const { gitDir, commonDir, workTree } = location;
  if (workTree === undefined || !settings.bool('core.symlinks', true)) return;
  const dotGit = `${workTree}/.git` as ByteString;
  if (lstatSync(toPath(dotGit), { throwIfNoEntry: false })?.isFile() !== true) return;
  try {
    if (gitDir !== commonDir) linkSharedAnnex(gitDir, commonDir);
    else if (settings.get('core.worktree') !== undefined) await settings.set('core.worktree', undefined);
    placeSymlink(relative(workTree, gitDir), dotGit);
  } catch (error) {
    // A repository that may only be read stays as it is.
    if (!['EROFS', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

function linkSharedAnnex(gitDir: ByteString, commonDir: ByteString): void {
  const link = `${gitDir}/annex` as ByteString;
  if (lstatSync(toPath(link), { throwIfNoEntry: false }) === undefined) {
    symlinkSync(toPath(relative(gitDir, `${commonDir}/annex`) as ByteString), toPath(link));
  }
}

function placeSymlink(target: string, path: ByteString): void {
  const partial = `${path}.annex-ts.${process.pid}` as ByteString;
  if (existsSync(toPath(partial))) rmSync(toPath(partial));
  symlinkSync(toPath(target as ByteString), toPath(partial));
  renameSync(toPath(partial), toPath(path));
}
