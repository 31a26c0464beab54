import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { ByteString } from '../../lib/bytes.js';
import { fromBuffer, toPath } from '../../lib/buffers.js';
import type { Repository } from '../../repository/repository.js';
import { removeStaleIndexLock, whileIndexIsHeld } from '../merge/stale-index-lock.js';

/** git's exit code when it does not begin a checkout since something is in the way. Killed ones and others have 128 or more. */
export const REFUSED = 1;

type Part = Pick<Repository, 'location' | 'settings'>;

/**
 * Options of git for a checkout that this program makes and completes itself (`fillAfterCheckout`): where git-annex set
 * the repository up, its filters give way to ours, and its hooks, which would do the same again, are left out. Filters
 * and hooks of the user's stay.
 */
export function ownCheckout({ location, settings }: Part): string[] {
  const program = process.argv[1];
  if (program === undefined || basename(program) !== 'git-annex-ts') return [];
  if (settings.get('filter.annex.process')?.startsWith('git-annex ') !== true) return [];
  const ours = [process.execPath, program].map(shellQuoted).join(' ');
  const options = [`filter.annex.process=${ours} filter-process`];
  const onlyAnnex = settings.get('core.hookspath') === undefined && onlyAnnexHooks(location.commonDir);
  if (onlyAnnex) options.push('core.hooksPath=/dev/null');
  return options.flatMap((option) => ['-c', fromBuffer(Buffer.from(option))]);
}

/** Checks a branch out. A git that is killed leaves no lock of the index. */
export function checkOut(
  repository: Part & Pick<Repository, 'git'>,
  branch: ByteString,
  option: '--progress' | '--quiet',
) {
  const { git } = repository;
  return whileIndexIsHeld(repository, async () => {
    const args = [...ownCheckout(repository), 'checkout', option, branch, '--'];
    const ended = await git.run(args, { accept: 'any' });
    if (ended.exitCode > REFUSED) removeStaleIndexLock(repository);
    return ended;
  });
}

/** Whether git would run no hook but those that git-annex writes. */
function onlyAnnexHooks(commonDir: ByteString): boolean {
  const folder = `${commonDir}/hooks`;
  try {
    return readdirSync(toPath(folder as ByteString))
      .filter((name) => !name.endsWith('.sample'))
      .every((name) => isAnnexHook(readFileSync(toPath(`${folder}/${name}` as ByteString), 'latin1')));
  } catch {
    return false;
  }
}

function isAnnexHook(text: string): boolean {
  const [shell, sign, command, ...rest] = text.split('\n');
  const known = shell === '#!/bin/sh' && sign === '# automatically configured by git-annex';
  return known && rest.join('') === '' && /^(if )?git annex [^;&|]*(;|$)/.test(command ?? '');
}

const shellQuoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;
