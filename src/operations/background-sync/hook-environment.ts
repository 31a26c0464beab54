/** What git tells a hook about the commit it belongs to, and what must not reach commits that are made later. */
const ofTheCommit = [
  'GIT_INDEX_FILE',
  'GIT_PREFIX',
  'GIT_AUTHOR_DATE',
  'GIT_COMMITTER_DATE',
  'GIT_EDITOR',
  'GIT_REFLOG_ACTION',
  'GIT_OBJECT_DIRECTORY',
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_QUARANTINE_PATH',
] as const;

/**
 * Frees the environment of a process that a hook started from what belongs to that one commit. `GIT_DIR` and `GIT_WORK_TREE` stay:
 * they may be the only way to the repository. git gives every hook the commit's author; an identity that the user has put
 * into the environment comes with a committer, and is then the author as well.
 */
export function leaveCommit(env: NodeJS.ProcessEnv): void {
  for (const name of ofTheCommit) delete env[name];
  for (const part of ['NAME', 'EMAIL']) {
    const committer = env[`GIT_COMMITTER_${part}`];
    if (committer === undefined) delete env[`GIT_AUTHOR_${part}`];
    else env[`GIT_AUTHOR_${part}`] = committer;
  }
}
