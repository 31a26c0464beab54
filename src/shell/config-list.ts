import { fromText } from '../lib/bytes.js';
import { discoverRepository } from '../repository/git/discover.js';
import { openSettings } from '../repository/settings/open-settings.js';
import type { Limits } from './limits.js';
import { checkUuid, type ShellRequest } from './request.js';

/**
 * Tells the uuid of a repository, empty where it has none. One that has a git-annex branch, or any when the client asks
 * for `autoinit=1`, becomes a repository of git-annex first.
 */
export async function configList(request: ShellRequest, directory: string, limits: Limits): Promise<number> {
  const folder = fromText(directory);
  const { workTree } = await discoverRepository(folder);
  const settings = await openSettings({ directory: folder, workTree });
  const known = settings.get('annex.uuid') ?? '';
  const uuid = known === '' ? await initializedUuid(request, directory, limits) : known;
  if (uuid !== '') checkUuid(request, uuid);
  const gcryptId = settings.get('core.gcrypt-id') ?? '';
  process.stdout.write(`annex.uuid=${uuid}\ncore.gcrypt-id=${gcryptId}\n`, 'latin1');
  return 0;
}

/** Empty when nothing says that it is to be a repository of git-annex. */
async function initializedUuid(request: ShellRequest, directory: string, limits: Limits): Promise<string> {
  const { initialize, knownBranches } = await import('../operations/init/initialize.js');
  const { openParts, openRepository } = await import('../operations/open-repository.js');
  const parts = await openParts(fromText(directory));
  try {
    const asked = request.fields.get('autoinit') === '1';
    if (!asked && (await knownBranches(parts.git)).length === 0) return '';
    limits.checkAction('add');
    if (asked) return (await initialize(parts, {})).uuid;
  } finally {
    await parts.git.close();
  }
  const repository = await openRepository(fromText(directory));
  await repository.close();
  return repository.uuid;
}
