import { fromText } from '../../lib/bytes.js';
import type { OperationContext, Outcome } from '../../operations/context.js';
import type { SyncKind } from '../../operations/sync/sync.js';
import type { SyncRequest } from '../../operations/sync/sync-request.js';
import type { SessionOptions } from '../../operations/transfer/session.js';
import type { ContentFlags } from './content-command.js';

/** Opens the repository of the current directory and syncs it. */
export async function runSync(
  kind: SyncKind,
  request: SyncRequest,
  flags: ContentFlags & { readonly retry?: boolean | undefined },
  context: OperationContext,
): Promise<Outcome> {
  const { openRepository } = await import('../../operations/open-repository.js');
  const words = (given: readonly string[] | undefined) => given?.map(fromText);
  const repository = await openRepository(request.cwd, {
    onAside: (text) => context.emit({ type: 'aside', text }),
  });
  const options: SessionOptions = {
    openRepository,
    force: flags.force,
    semitrust: words(flags.semitrust),
    untrust: words(flags.untrust),
    timeLimit: flags['time-limit'],
    sizeLimit: flags['size-limit'],
  };
  try {
    if (flags.retry) {
      const { retry } = await import('../../operations/background-sync/retry.js');
      return await retry(repository, request, context, options);
    }
    const { sync } = await import('../../operations/sync/sync.js');
    return await sync(repository, request, context, kind, options);
  } finally {
    await repository.close();
  }
}
