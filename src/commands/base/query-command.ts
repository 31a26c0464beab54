import { AnnexError } from '../../domain/errors.js';
import { type ByteString, fromText } from '../../lib/bytes.js';
import type { OperationContext } from '../../operations/context.js';
import type { OpenOptions } from '../../operations/open-repository.js';
import type { KnownRepositories } from '../../operations/repositories/known-repositories.js';
import type { TrustOptions } from '../../operations/repositories/load-known-repositories.js';
import type { KeySource, Selection } from '../../operations/select/select.js';
import type { RemoteEntry } from '../../remotes/list/remote-entry.js';
import type { Repository } from '../../repository/repository.js';
import type { MatchingToken } from '../options/matching.js';

/** Flags that say what a query is about. */
export interface SelectionFlags {
  readonly force?: boolean;
  readonly all?: boolean;
  readonly unused?: boolean;
  readonly key?: string | undefined;
  readonly branch?: readonly string[] | undefined;
  readonly batch?: boolean;
  readonly 'batch-keys'?: boolean;
  readonly null?: boolean;
}

/** Flags that override what is known of repositories. */
export interface TrustFlags {
  readonly semitrust?: readonly string[] | undefined;
  readonly untrust?: readonly string[] | undefined;
}

/** A repository's remotes, and every repository that it knows. */
export interface Surroundings {
  readonly entries: readonly RemoteEntry[];
  readonly known: KnownRepositories;
}

/** The current directory, absolute. */
export function currentDirectory(): ByteString {
  return fromText(process.cwd());
}

/** Opens the repository of the current directory for some work. */
export async function withRepository<T>(
  work: (here: Repository) => Promise<T>,
  options?: OpenOptions,
): Promise<T> {
  const { openRepository } = await import('../../operations/open-repository.js');
  const here = await openRepository(currentDirectory(), options);
  try {
    return await work(here);
  } finally {
    await here.close();
  }
}

/** The same for commands that need a work tree. */
export async function withWorkTree<T>(work: (here: Repository) => Promise<T>): Promise<T> {
  return withRepository(async (here) => {
    if (here.location.workTree !== undefined) return work(here);
    throw new AnnexError('usage', 'You cannot run this command in a bare repository.');
  });
}

/** Commits what other commands left journalled, looks at the remotes, and reads what is known of repositories. */
export async function surroundings(
  here: Repository,
  { emit }: OperationContext,
  flags: TrustFlags,
): Promise<Surroundings> {
  const { recordState } = await import('../../operations/settings-log/record-state.js');
  const { listRemotes } = await import('../../remotes/list/list-remotes.js');
  const { openRepository } = await import('../../operations/open-repository.js');
  const { loadKnownRepositories } = await import('../../operations/repositories/load-known-repositories.js');
  await recordState(here, emit);
  const warn = (text: string) => emit({ type: 'warning', text });
  const entries = await listRemotes(here, { openRepository, warn });
  return { entries, known: await loadKnownRepositories(here, entries, trustOptions(flags)) };
}

/** What `--semitrust` and `--untrust` override. */
export function trustOptions({ semitrust, untrust }: TrustFlags): TrustOptions {
  return { semitrust: semitrust?.map(fromText), untrust: untrust?.map(fromText) };
}

/** What the user selected, by operands, options or standard input. */
export async function selectionOf(
  here: Repository,
  request: {
    readonly flags: SelectionFlags;
    readonly operands: readonly ByteString[];
    readonly matching: readonly MatchingToken[];
    readonly context: OperationContext;
  },
  keys: KeySource | undefined = keySource(request.flags),
): Promise<Selection> {
  const { flags, operands, matching, context } = request;
  const { select } = await import('../../operations/select/select.js');
  const kind = flags['batch-keys'] ? 'keys' : flags.batch ? 'files' : undefined;
  const batch = kind === undefined ? undefined : ({ kind, records: await standardInput(flags) } as const);
  return select(here, { operands, cwd: currentDirectory(), keys, batch, matching }, context.emit);
}

/** The records of standard input: lines, or with `-z` what ends in NUL bytes. */
export async function standardInput(flags: Pick<SelectionFlags, 'null'>): Promise<AsyncIterable<ByteString>> {
  const { splitRecords } = await import('../../lib/record-splitter.js');
  return splitRecords(process.stdin, flags.null ? '\0' : '\n');
}

function keySource(flags: SelectionFlags): KeySource | undefined {
  if (flags.key !== undefined) return { from: 'key', key: fromText(flags.key) };
  if (flags.branch !== undefined && flags.branch.length > 0) {
    return { from: 'branches', refs: flags.branch.map(fromText) };
  }
  if (flags.all) return { from: 'all' };
  return flags.unused ? { from: 'unused' } : undefined;
}
