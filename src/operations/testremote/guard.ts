import { AnnexError } from '../../domain/errors.js';
import { locationLogPath } from '../../domain/hash-directories.js';
import type { Key } from '../../domain/key.js';
import type { Remote } from '../../remotes/remote.js';
import type { Repository } from '../../repository/repository.js';

/** A remote on which nothing but test keys can be stored or removed, whatever a case does. */
export function guardRemote(remote: Remote, isTestKey: (key: Key) => boolean): Remote {
  async function* checked<T extends { readonly key: Key }>(requests: AsyncIterable<T>): AsyncGenerator<T> {
    for await (const request of requests) {
      if (!isTestKey(request.key))
        throw new AnnexError('internal', 'a test was about to touch a user’s content');
      yield request;
    }
  }
  return {
    ...remote,
    store: (requests, context) => remote.store(checked(requests), context),
    remove: (requests, context) => remote.remove(checked(requests), context),
  };
}

/**
 * A repository that does not record where test keys are. For remotes that are worked on in this process; others keep
 * their own log, which says in the end that they do not have the key.
 */
export function withoutTestLogs(repository: Repository, testKeys: ReadonlySet<Key>): Repository {
  const { branch } = repository;
  return {
    ...repository,
    branch: {
      ...branch,
      async change(changes) {
        const ours = new Set([...testKeys].map(locationLogPath));
        const others = changes.filter(({ path }) => !ours.has(path));
        if (others.length > 0) await branch.change(others);
      },
    },
  };
}
