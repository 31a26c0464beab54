import { fromText } from '../../lib/bytes.js';
import type { OperationContext, Outcome } from '../../operations/context.js';
import { announcingChanges } from '../../operations/background-sync/announce-changes.js';
import { onlyFailures } from '../../operations/sync/only-failures.js';
import { runAlone } from '../../operations/sync/run-alone.js';
import type { SyncKind } from '../../operations/sync/sync.js';
import type { SyncRequest } from '../../operations/sync/sync-request.js';
import type { SessionOptions } from '../../operations/transfer/session.js';
import { waitOf } from '../options/sync-request.js';
import type { ContentFlags } from './content-command.js';

/** The options of `sync`, `pull` and `push` that are no part of the request. */
export interface SyncFlags extends ContentFlags {
  readonly quiet?: boolean | undefined;
  readonly retry?: boolean | undefined;
  readonly 'dry-run'?: boolean | undefined;
  readonly check?: boolean | undefined;
  readonly explain?: boolean | undefined;
  readonly wait?: string | undefined;
  readonly 'no-wait'?: boolean | undefined;
  readonly json?: boolean | undefined;
  readonly 'json-progress'?: boolean | undefined;
  readonly 'json-error-messages'?: boolean | undefined;
}

/** Syncs the repository of the current directory, once no other sync of it runs; `--quiet` tells failures only. */
export async function runSync(
  kind: SyncKind,
  request: SyncRequest,
  flags: SyncFlags,
  context: OperationContext,
  onTurn?: () => void,
): Promise<Outcome> {
  if (flags['dry-run'] || flags.check) return tellPlan(kind, request, flags, context);
  const json = flags.json || flags['json-progress'] || flags['json-error-messages'];
  if (!flags.quiet || json) return openAndSync(kind, request, flags, context, onTurn);
  const told = onlyFailures(context.emit);
  const outcome = await openAndSync(kind, request, flags, { ...context, emit: told.emit }, onTurn);
  told.end(outcome.failed > 0);
  return outcome;
}

async function openAndSync(
  kind: SyncKind,
  request: SyncRequest,
  flags: SyncFlags,
  context: OperationContext,
  onTurn: (() => void) | undefined,
): Promise<Outcome> {
  const { openRepository } = await import('../../operations/open-repository.js');
  const alone = { wait: waitOf(flags), ...(onTurn === undefined ? {} : { onTurn }) };
  const repository = await openRepository(request.cwd, {
    onAside: (text) => context.emit({ type: 'aside', text }),
  });
  const options = sessionOptions(flags, openRepository);
  try {
    const work = async (within: OperationContext): Promise<Outcome> => {
      if (flags.retry) {
        const { retry } = await import('../../operations/background-sync/retry.js');
        return retry(repository, request, within, options);
      }
      if (kind.command === 'satisfy') {
        const { satisfy } = await import('../../operations/sync/satisfy.js');
        return satisfy(repository, request, within, options);
      }
      const { sync } = await import('../../operations/sync/sync.js');
      return sync(repository, request, within, kind, options);
    };
    return await runAlone(repository.annexDir, context, alone, () =>
      announcingChanges(repository, context, work),
    );
  } finally {
    await repository.close();
  }
}

/** Tells what a sync would do. Nothing is written, so there is no need to be alone. */
async function tellPlan(
  kind: SyncKind,
  request: SyncRequest,
  flags: SyncFlags,
  context: OperationContext,
): Promise<Outcome> {
  const { openRepository } = await import('../../operations/open-repository.js');
  const { planOnly } = await import('../../operations/sync-plan/plan-sync.js');
  const repository = await openRepository(request.cwd, { readOnly: true });
  try {
    const manner = { explain: flags.explain === true, check: flags.check === true };
    const options = sessionOptions(flags, openRepository);
    return await planOnly(repository, request, context, kind, options, manner);
  } finally {
    await repository.close();
  }
}

/** How content is treated, by the options. */
export function sessionOptions(
  flags: ContentFlags,
  openRepository: SessionOptions['openRepository'],
): SessionOptions {
  const words = (given: readonly string[] | undefined) => given?.map(fromText);
  return {
    openRepository,
    force: flags.force,
    numcopies: flags.numcopies,
    mincopies: flags.mincopies,
    semitrust: words(flags.semitrust),
    untrust: words(flags.untrust),
    timeLimit: flags['time-limit'],
    sizeLimit: flags['size-limit'],
  };
}
