import { fromText } from '../lib/bytes.js';
import { initialize } from '../operations/init/initialize.js';
import { openParts, openRepository } from '../operations/open-repository.js';
import type { Limits } from './limits.js';
import type { ShellRequest } from './request.js';

/**
 * Tells the uuid of a repository, empty where it has none. One that has a git-annex branch, or any when the client asks
 * for `autoinit=1`, becomes a repository of git-annex first.
 */
export async function configList(request: ShellRequest, directory: string, limits: Limits): Promise<number> {
  process.stdout.write(`annex.uuid=${await uuidOf(request, directory, limits)}\ncore.gcrypt-id=\n`);
  return 0;
}

async function uuidOf(request: ShellRequest, directory: string, limits: Limits): Promise<string> {
  const folder = fromText(directory);
  const parts = await openParts(folder);
  try {
    const known = parts.settings.get('annex.uuid');
    if (known !== undefined && known !== '') return known;
    if (limits.access === 'read') return '';
    if (request.fields.get('autoinit') === '1') return (await initialize(parts, {})).uuid;
  } finally {
    await parts.git.close();
  }
  try {
    const repository = await openRepository(folder);
    await repository.close();
    return repository.uuid;
  } catch {
    return '';
  }
}
