import { AnnexError } from '../../domain/errors.js';
import type { AnnexApi } from './annex-api.js';

/**
 * An api that, when its server can't be reached, looks once for a new url of the repository and goes on there.
 * @param find gives the api behind the new url; undefined when there is no other
 */
export function createReprobingApi(first: AnnexApi, find: () => Promise<AnnexApi | undefined>): AnnexApi {
  let current = first;
  let looking: Promise<AnnexApi | undefined> | undefined;

  async function use<T>(ask: (api: AnnexApi) => Promise<T>): Promise<T> {
    const used = current;
    try {
      return await ask(used);
    } catch (error) {
      if (!(error instanceof AnnexError) || error.code !== 'remote-unavailable') throw error;
      looking ??= find().catch(() => undefined);
      const found = await looking;
      if (found === undefined || found === used) throw error;
      current = found;
      return ask(found);
    }
  }

  return {
    version: () => current.version(),
    settled: () => current.settled(),
    manyAtOnce: () => current.manyAtOnce(),
    ask: (...request) => use((api) => api.ask(...request)),
    content: (...request) => use((api) => api.content(...request)),
  };
}
