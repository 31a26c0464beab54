import type { ByteString } from '../../lib/bytes.js';
import { fromText } from '../../lib/bytes.js';
import type { OperationContext, Outcome } from '../../operations/context.js';
import type { KeySource, Selection } from '../../operations/select/select.js';
import type { Session } from '../../operations/transfer/session.js';
import type { MatchingToken } from '../options/matching.js';

/** The flags that commands on content share, as oclif gives them. */
export interface ContentFlags {
  readonly force?: boolean;
  readonly numcopies?: number | undefined;
  readonly mincopies?: number | undefined;
  readonly semitrust?: readonly string[] | undefined;
  readonly untrust?: readonly string[] | undefined;
  readonly 'time-limit'?: string | undefined;
  readonly 'size-limit'?: string | undefined;
  readonly all?: boolean;
  readonly unused?: boolean;
  readonly failed?: boolean;
  readonly incomplete?: boolean;
  readonly key?: string | undefined;
  readonly branch?: readonly string[] | undefined;
  readonly batch?: boolean;
  readonly 'batch-keys'?: boolean;
  readonly null?: boolean;
}

export interface ContentRequest {
  readonly flags: ContentFlags;
  readonly operands: readonly ByteString[];
  readonly matching: readonly MatchingToken[];
  readonly context: OperationContext;
  /** Which failed transfers `--failed` means. */
  readonly directions?: readonly ('download' | 'upload')[];
}

/** Opens the repository of the current directory, does the work on what the user selected, and records it. */
export async function runOnContent(
  request: ContentRequest,
  work: (session: Session, selection: Selection) => Promise<Outcome>,
): Promise<Outcome> {
  const { flags, context, operands, matching } = request;
  const { openRepository } = await import('../../operations/open-repository.js');
  const { openSession, closeSession } = await import('../../operations/transfer/session.js');
  const { select } = await import('../../operations/select/select.js');
  const cwd = fromText(process.cwd());
  const here = await openRepository(cwd);
  try {
    const words = (given: readonly string[] | undefined) => given?.map(fromText);
    const session = await openSession(here, context, {
      openRepository,
      force: flags.force,
      numcopies: flags.numcopies,
      mincopies: flags.mincopies,
      semitrust: words(flags.semitrust),
      untrust: words(flags.untrust),
      timeLimit: flags['time-limit'],
      sizeLimit: flags['size-limit'],
    });
    let outcome: Outcome;
    try {
      const keys = keySource(flags, request.directions ?? ['download', 'upload']);
      const batch = await batchInput(flags);
      const selection = select(here, { operands, cwd, keys, batch, matching }, context.emit);
      outcome = await work(session, selection);
    } finally {
      await closeSession(session);
    }
    const { refreshAfterContent } = await import('../../operations/adjusted/refresh-after-content.js');
    const failed = await refreshAfterContent(here, context);
    return { ...outcome, failed: outcome.failed + failed };
  } finally {
    await here.close();
  }
}

function keySource(
  flags: ContentFlags,
  directions: readonly ('download' | 'upload')[],
): KeySource | undefined {
  if (flags.key !== undefined) return { from: 'key', key: fromText(flags.key) };
  if (flags.branch !== undefined && flags.branch.length > 0) {
    return { from: 'branches', refs: flags.branch.map(fromText) };
  }
  if (flags.failed) return { from: 'failed', directions };
  if (flags.all) return { from: 'all' };
  if (flags.unused) return { from: 'unused' };
  return flags.incomplete ? { from: 'incomplete' } : undefined;
}

async function batchInput(flags: ContentFlags) {
  if (!flags.batch && !flags['batch-keys']) return undefined;
  const { splitRecords } = await import('../../lib/record-splitter.js');
  const records = splitRecords(process.stdin, flags.null ? '\0' : '\n');
  return { kind: flags['batch-keys'] ? ('keys' as const) : ('files' as const), records };
}
