import type { Key } from '../../domain/key.js';
import { AnnexError } from '../../domain/errors.js';
import { parseSymlink } from '../../domain/pointers.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import type { OperationContext, Outcome } from '../context.js';
import { select } from '../select/select.js';
import { createRunningAction } from '../transfer/running-action.js';
import { unannex } from '../unannex/unannex.js';
import { linkTarget } from '../unlock/unlock.js';
import { removeObjects } from './remove-objects.js';
import { removeIntegration } from './remove-integration.js';

/**
 * Makes an annex a plain git repository again: every file gets its content back, then all of the annex's own is removed.
 * Contents that no file of the work tree has (old versions) keep it from being finished. `uninit`.
 * @param cwd the current directory, absolute
 */
export async function uninit(here: Repository, cwd: ByteString, context: OperationContext): Promise<Outcome> {
  if (!(await check(here, cwd, context))) return { failed: 1, stoppedByLimit: false };
  const copies = new Map<Key, ByteString[]>();
  const given = (key: Key, file: ByteString, copy: boolean) => {
    if (copy) copies.set(key, [...(copies.get(key) ?? []), file]);
  };
  const selection = select(here, { operands: [], cwd }, context.emit);
  const { failed } = await unannex(here, selection, { fast: true, given }, context);
  if (failed > 0) return { failed, stoppedByLimit: false };
  const objects = createRunningAction({ command: 'uninit objects' }, context.emit);
  objects.start();
  if (!(await removeObjects(here, copies))) {
    objects.failure(LEFT);
    objects.end(false);
    return { failed: 1, stoppedByLimit: false };
  }
  objects.end(true);
  const finish = createRunningAction({ command: 'uninit finish' }, context.emit);
  finish.start();
  await removeIntegration(here);
  finish.end(true);
  return { failed: 0, stoppedByLimit: false };
}

const LEFT = `git-annex: Not fully uninitialized
Some annexed data is still left in .git/annex/objects/
This may include deleted files, or old versions of modified files.

If you don't care about preserving the data, just delete the
directory.

Or, you can move it to another location, in case it turns out
something in there is important.

Or, you can run \`git annex unused\` followed by \`git annex dropunused\`
to remove data that is not used by any tag or branch, which might
take care of all the data.

Then run \`git annex uninit\` again to finish.
`;

async function check(here: Repository, cwd: ByteString, { emit }: OperationContext): Promise<boolean> {
  const running = createRunningAction({ command: 'uninit check' }, emit);
  const problem = await impediment(here, cwd);
  if (problem !== undefined) running.failure(problem);
  running.end(problem === undefined);
  if (problem !== undefined) return false;
  for await (const path of here.git.records(['ls-files', '-z', '--others', '--exclude-standard'], '\0')) {
    const target = linkTarget(`${here.location.workTree}/${path}` as ByteString);
    const key = target === undefined ? undefined : parseSymlink(target);
    if (key === undefined) continue;
    const link = createRunningAction({ command: 'uninit check', file: path, key }, emit);
    link.failure(`git-annex: ${toText(path)} points to annexed content, but is not checked into git.
Perhaps this was left behind by an interrupted git annex add?
Not continuing with uninit; either delete or git annex add the file and retry.
`);
    link.end(false);
    return false;
  }
  return true;
}

async function impediment({ git, location }: Repository, cwd: ByteString): Promise<string | undefined> {
  const head = await git.run(['symbolic-ref', '-q', 'HEAD'], { accept: 'any' });
  if (head.stdout.trim() === 'refs/heads/git-annex') {
    return 'git-annex: cannot uninit when the git-annex branch is checked out';
  }
  if (location.workTree === undefined)
    throw new AnnexError('usage', 'this operation must be run in a work tree');
  if (cwd !== location.workTree) return 'git-annex: can only run uninit from the top of the git repository';
  return undefined;
}
