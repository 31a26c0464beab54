import { randomBytes } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, writeFileSync } from 'node:fs';
import { toPath } from '../../lib/buffers.js';
import { ascii, type ByteString, toText } from '../../lib/bytes.js';
import type { Git } from '../../repository/git/git.js';
import type { RepositoryLocation } from '../../repository/repository.js';
import type { Settings } from '../../repository/settings/settings.js';
import { contentOf, hookFolder } from '../init/sync-hook.js';

/**
 * Costs a push of other branches a git that reads one setting. A setting that cannot be read and a program that is not there
 * refuse: who locks something wants no push to pass unseen.
 */
const HOOK = `#!/bin/sh
# automatically configured by git-annex-ts: keeps what annex-ts.lockcluster locks, see git annex-ts check-push --help
case $(git config --type=bool annex-ts.lockcluster 2>/dev/null || echo $?) in
  1 | false) exit 0 ;;
  true) ;;
  *) echo 'annex-ts.lockcluster is neither true nor false' >&2; exit 1 ;;
esac
refs=$(cat)
case $refs in *[gG][iI][tT]-[aA][nN][nN][eE][xX]*) ;; *) exit 0 ;; esac
if ! command -v git-annex-ts >/dev/null 2>&1; then
  echo 'refused: annex-ts.lockcluster is set, but git-annex-ts is not in the PATH of the gateway' >&2
  exit 1
fi
printf '%s\\n' "$refs" | git-annex-ts check-push
`;

/**
 * Installs the hook pre-receive of a gateway with `annex-ts.lockcluster`, and lets git take signed pushes where somebody's
 * signature counts; gives a sentence when it can't be. A hook of the user's own is kept.
 */
export async function installLockHook(
  location: RepositoryLocation,
  git: Git,
  settings: Settings,
): Promise<string | undefined> {
  if (settings.get('annex-ts.lockcluster') === undefined) return undefined;
  const setting = async (...args: string[]) =>
    (await git.run(['config', ...args], { accept: [0, 1] })).stdout.trim();
  if ((await setting('--type=bool', '--get', 'annex-ts.lockcluster')) !== 'true') return undefined;
  const signers = await setting('--get-all', 'annex-ts.lockclustersigner');
  if (signers !== '' && (await setting('--get', 'receive.certNonceSeed')) === '')
    await git.run(['config', 'receive.certNonceSeed', ascii(randomBytes(24).toString('hex'))]);
  const folder = await hookFolder(location, git);
  if (folder === undefined)
    return `annex-ts.lockcluster: core.hooksPath is set for more than this repository; ${byHand}`;
  const path = `${folder}/pre-receive` as ByteString;
  const present = contentOf(path);
  if (present !== undefined && !present.includes('git-annex-ts check-push'))
    return `annex-ts.lockcluster: there is a pre-receive hook (${toText(path)}) already; ${byHand}`;
  mkdirSync(toPath(folder), { recursive: true });
  if (present === undefined) writeFileSync(toPath(path), HOOK, { mode: 0o777 });
  chmodSync(toPath(path), lstatSync(toPath(path)).mode | 0o111);
  return undefined;
}

const byHand = 'let that hook give its standard input to: git-annex-ts check-push';
