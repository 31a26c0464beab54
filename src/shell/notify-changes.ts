import { watchRefs } from '../operations/serve/watch-refs.js';
import type { Limits } from './limits.js';
import type { ShellRequest } from './request.js';
import { withRepository } from './with-repository.js';

/**
 * Tells git-annex's remotedaemon when refs change: `READY` once, then `CHANGED SHA ...` each time, until the client closes its
 * end or reads no more.
 */
export async function notifyChanges(
  request: ShellRequest,
  directory: string,
  limits: Limits,
): Promise<number> {
  return withRepository(request, directory, { ...limits, access: 'read' }, async (repository) => {
    const watch = watchRefs(repository);
    const gone = clientGone();
    try {
      await watch.ready();
      process.stdout.write('READY\n');
      for (;;) {
        const shas = await Promise.race([watch.next(), gone]);
        if (shas === undefined) return 1;
        process.stdout.write(`CHANGED ${shas.join(' ')}\n`);
      }
    } finally {
      watch.close();
      process.stdin.destroy();
    }
  });
}

/** Nothing that the client says matters. */
function clientGone(): Promise<undefined> {
  return new Promise((resolve) => {
    const end = () => resolve(undefined);
    process.stdin.on('end', end).on('error', end).resume();
    process.stdout.on('error', end);
  });
}
