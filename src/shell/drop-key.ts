import { AnnexError } from '../domain/errors.js';
import { clientsProof } from '../operations/serve/clients-proof.js';
import { removeContents } from '../remotes/local-git/remove-contents.js';
import type { Limits } from './limits.js';
import { keysOf, type ShellRequest } from './request.js';
import { withRepository } from './with-repository.js';

/** Removes contents for a client that answers for the other copies, as it says with `--force`. */
export async function dropKey(request: ShellRequest, directory: string, limits: Limits): Promise<number> {
  const keys = keysOf(request);
  if (!request.force) {
    const sentence = "dropkey can cause data loss; use --force if you're sure you want to do this";
    throw new AnnexError('usage', sentence);
  }
  return withRepository(request, directory, limits, async (repository, changed) => {
    const removals = keys.map((key) => ({ key, proof: clientsProof(key, repository.uuid) }));
    const results = await removeContents(repository, removals);
    if (results.some(({ error }) => error === undefined)) changed();
    const failed = results.find(({ error }) => error !== undefined);
    if (failed?.error !== undefined) throw failed.error;
    return 0;
  });
}
