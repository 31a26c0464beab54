import { readFileSync } from 'node:fs';
import { fromBuffer, toPath } from '../../lib/buffers.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Git } from '../../repository/git/git.js';
import type { SyncRemote } from './choose-remotes.js';
import type { CurrentBranch } from './current-branch.js';

/**
 * Whether a remote will take a push to a branch: not when the branch is checked out there, unless
 * `receive.denyCurrentBranch` says otherwise. Undefined: only trying tells.
 */
export async function takesPush(
  git: Git,
  remote: SyncRemote,
  branch: CurrentBranch,
): Promise<boolean | undefined> {
  if (remote.address.kind !== 'local') return undefined;
  const { path } = remote.address;
  const head = read(`${path}/.git/HEAD` as ByteString);
  if (head === undefined) return read(`${path}/HEAD` as ByteString) === undefined ? undefined : true;
  if (head.trimEnd() !== `ref: ${branch.ref}`) return true;
  const { stdout } = await git.run(
    [`--git-dir=${path}/.git`, 'config', '-z', '--get-regexp', '^(core\\.bare|receive\\.denycurrentbranch)$'],
    { accept: 'any' },
  );
  const values = new Map(
    stdout.split('\0').map((record) => record.split('\n', 2) as [string, string | undefined]),
  );
  if (values.get('core.bare') === 'true') return true;
  const deny = values.get('receive.denycurrentbranch')?.toLowerCase() ?? 'refuse';
  return deny === 'updateinstead' || deny === 'ignore' || deny === 'warn' || deny === 'false';
}

function read(path: ByteString): ByteString | undefined {
  try {
    return fromBuffer(readFileSync(toPath(path)));
  } catch {
    return undefined;
  }
}
