import { chmodSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { toPath } from '../../lib/buffers.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import type { Git } from '../../repository/git/git.js';
import type { RepositoryLocation } from '../../repository/repository.js';
import { makeOwnFolder } from '../background-sync/own-folder.js';
import { turnFiles } from '../background-sync/await-turn.js';
import { SYNCING_VARIABLE } from '../sync/run-alone.js';

const HEADER =
  '#!/bin/sh\n# automatically configured by git-annex-ts; git annex-ts init --no-hooks removes it\n';

/**
 * Returns at once: whether a process waits already is found out without starting one; otherwise one is started in a session
 * of its own, which sleeps while the commits of a script go on. Without the program in the path nothing happens.
 */
const BODY = `# Syncs in the background after a commit: see ${turnFiles.log} in the folder annex/annex-ts of the git directory.
test -z "$${SYNCING_VARIABLE}" || exit 0
command -v git-annex-ts >/dev/null 2>&1 || exit 0
dir=\${GIT_DIR:-.git}
{
  if test -f "$dir"; then read -r word dir <"$dir"; fi
  if test -f "$dir/commondir"; then
    read -r common <"$dir/commondir"
    case $common in /*) dir=$common ;; *) dir=$dir/$common ;; esac
  fi
  dir=$dir/annex/annex-ts
  echo "$$" >"$dir/${turnFiles.wanted}"
  pid=
  read -r pid <"$dir/${turnFiles.waiting}"
  line=
  if test -n "$pid"; then read -r line <"/proc/$pid/cmdline"; fi
} 2>/dev/null
case $line in *git-annex-ts*background-sync*) exit 0 ;; esac
start='echo "$$" >"$1"; sleep 1; exec git-annex-ts background-sync'
if command -v setsid >/dev/null 2>&1; then
  setsid sh -c "$start" sh "$dir/${turnFiles.waiting}" </dev/null >/dev/null 2>&1 &
else
  nohup sh -c "$start" sh "$dir/${turnFiles.waiting}" </dev/null >/dev/null 2>&1 &
fi
exit 0
`;

/** Installs the post-commit hook; gives a sentence when it can't be. A hook of the user's own is kept. */
export async function installSyncHook(location: RepositoryLocation, git: Git): Promise<string | undefined> {
  if (location.workTree === undefined)
    return 'no post-commit hook: there are no commits in a bare repository';
  const folder = await hookFolder(location, git);
  if (folder === undefined) return `${shared}, not configuring; ${byHand}`;
  const path = `${folder}/post-commit` as ByteString;
  const present = contentOf(path);
  if (present !== undefined && !present.startsWith(HEADER)) {
    return `post-commit hook (${toText(path)}) already exists, not configuring; ${byHand}`;
  }
  mkdirSync(toPath(folder), { recursive: true });
  makeOwnFolder(`${location.commonDir}/annex/annex-ts` as ByteString);
  if (present !== HEADER + BODY) writeFileSync(toPath(path), HEADER + BODY, { mode: 0o777 });
  else chmodSync(toPath(path), lstatSync(toPath(path)).mode | 0o111);
  return undefined;
}

/** Removes the post-commit hook, if it is ours; gives a sentence when it is, and was changed. */
export async function removeSyncHook(location: RepositoryLocation, git: Git): Promise<string | undefined> {
  const folder = await hookFolder(location, git);
  const path = `${folder}/post-commit` as ByteString;
  const present = folder === undefined ? undefined : contentOf(path);
  if (present?.startsWith(HEADER) !== true) return undefined;
  if (present !== HEADER + BODY) return `post-commit hook (${toText(path)}) was changed, not removing it`;
  rmSync(toPath(path));
  return undefined;
}

const byHand = 'to have it all the same, let that hook run: git-annex-ts background-sync >/dev/null 2>&1 &';
const shared = 'core.hooksPath is set for more than this repository';

/**
 * Where git looks for this repository's hooks. Undefined: in a folder that the user's or the system's settings name, where a
 * hook would run in every repository.
 */
export async function hookFolder(location: RepositoryLocation, git: Git): Promise<ByteString | undefined> {
  const usual = `${location.commonDir}/hooks` as ByteString;
  const ask = async (...scope: string[]) => {
    const { exitCode, stdout } = await git.run(
      ['config', ...scope, '--type=path', '--get', 'core.hooksPath'],
      {
        accept: 'any',
      },
    );
    return exitCode === 0 ? stdout.replace(/\n$/, '') : undefined;
  };
  const path = await ask();
  if (path === undefined || path === '') return usual;
  const own = (await ask('--local')) ?? (await ask('--worktree'));
  const absolute = path.startsWith('/') ? path : `${location.workTree ?? location.gitDir}/${path}`;
  if (absolute === usual) return usual;
  return own === path ? (absolute as ByteString) : undefined;
}

export function contentOf(path: ByteString): string | undefined {
  try {
    return readFileSync(toPath(path), 'latin1');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
