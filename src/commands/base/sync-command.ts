import { fromText } from '../../lib/bytes.js';
import type { OperationContext, Outcome } from '../../operations/context.js';
import type { SyncKind } from '../../operations/sync/sync.js';
import type { SyncRequest } from '../../operations/sync/sync-request.js';
import type { ContentFlags } from './content-command.js';

/** Opens the repository of the current directory and syncs it. */
export async function runSync(
  kind: SyncKind,
  request: SyncRequest,
  flags: ContentFlags,
  context: OperationContext,
): Promise<Outcome> {
  const { openRepository } = await import('../../operations/open-repository.js');
  const { sync } = await import('../../operations/sync/sync.js');
  const words = (given: readonly string[] | undefined) => given?.map(fromText);
  const repository = await openRepository(request.cwd, {
    onAside: (text) => context.emit({ type: 'aside', text }),
  });
  try {
    return await sync(repository, request, context, kind, {
      openRepository,
      force: flags.force,
      semitrust: words(flags.semitrust),
      untrust: words(flags.untrust),
      timeLimit: flags['time-limit'],
      sizeLimit: flags['size-limit'],
    });
  } finally {
    await repository.close();
  }
}
