import { AnnexError } from '../../domain/errors.js';
import { toText } from '../../lib/bytes.js';
import type { Remote } from '../remote.js';

/**
 * A remote that says once, when it turns out to be out of reach, why that is and what to do. Operations tell for each
 * content only that it was.
 */
export function explained(remote: Remote, tell: (text: string) => void): Remote {
  let told = false;
  function see(error: unknown): void {
    if (told || !(error instanceof AnnexError) || error.code !== 'remote-unavailable') return;
    told = true;
    tell([`${toText(remote.name)}: ${error.message}`, error.hint ?? []].flat().join('\n'));
  }

  async function* watch<T>(results: AsyncIterable<T>, errorOf: (result: T) => unknown): AsyncGenerator<T> {
    try {
      for await (const result of results) {
        see(errorOf(result));
        yield result;
      }
    } catch (error) {
      see(error);
      throw error;
    }
  }

  const { examine } = remote;
  return {
    ...remote,
    retrieve: (requests, context) =>
      watch(remote.retrieve(requests, context), (result) => (result.ok ? undefined : result.error)),
    store: (requests, context) =>
      watch(remote.store(requests, context), (result) => (result.ok ? undefined : result.error)),
    ...(examine && {
      examine: (requests, context) => watch(examine(requests, context), ({ error }) => error),
    }),
    remove: (requests, context) => watch(remote.remove(requests, context), ({ error }) => error),
    presence: (keys, context) => watch(remote.presence(keys, context), ({ presence }) => presence),
    async lockContent(key) {
      const lock = await remote.lockContent(key);
      see(lock);
      return lock;
    },
  };
}
