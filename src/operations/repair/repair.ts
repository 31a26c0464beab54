import { ascii, type ByteString, toText } from '../../lib/bytes.js';
import type { RepositoryLocation } from '../../repository/repository.js';
import type { Git } from '../../repository/git/git.js';
import type { Settings } from '../../repository/settings/settings.js';
import type { OperationContext, Outcome } from '../context.js';
import { findDamage, putCorruptAside, takeFrom } from './lost-objects.js';

/** What there is of a git repository that need not be an annex. */
export interface DamagedRepository {
  readonly git: Git;
  readonly settings: Settings;
  readonly location: RepositoryLocation;
}

/**
 * Looks for missing and corrupt objects of git, and gets them from the remotes. Nothing is thrown away: corrupt files are put
 * aside, and what no remote has stays lost.
 */
export async function repair(
  { git, settings, location: { commonDir, gitDir, workTree } }: DamagedRepository,
  { emit }: OperationContext,
): Promise<Outcome> {
  const action = { command: 'repair', subject: ascii('') };
  const tell = (text: string) => emit({ type: 'long-note', action, text });
  const end = (errors: readonly string[]): Outcome => {
    emit({ type: 'end', action, success: errors.length === 0, errors });
    return { failed: errors.length, stoppedByLimit: false };
  };
  emit({ type: 'start', action });
  tell('Running git fsck ...');
  let damage = await findDamage(git);
  if (!damage.found) {
    tell('No problems found.');
    return end([]);
  }
  const objects = `${commonDir}/objects` as ByteString;
  const top = workTree ?? gitDir;
  const aside = `${commonDir}/annex/bad-git-objects` as ByteString;
  tell(`Fsck found problems: ${damage.objects.length} objects are missing or corrupt.`);
  const moved = await putCorruptAside(git, damage.objects, { objects, aside });
  if (moved > 0) tell(`${moved} corrupt files were moved to ${toText(aside)}`);
  for (const name of settings.subsections('remote')) {
    const url = settings.get(`remote.${name}.url`);
    if (url === undefined) continue;
    tell(`Trying to recover missing objects from remote ${toText(name)}.`);
    const folder = `${commonDir}/annex/recovered-${process.pid}` as ByteString;
    if (!(await takeFrom(url, { top, folder, objects }))) continue;
    damage = await findDamage(git);
    if (!damage.found) break;
  }
  if (damage.found)
    return end([`git-annex-ts: ${damage.objects.length} objects could not be recovered. ${ADVICE}`]);
  tell('Successfully recovered repository!');
  return end([]);
}

const ADVICE =
  'Branches and files that need them are left as they are; git-annex repair --force would remove them.';
