import { parseDuration } from '../../domain/duration.js';
import { AnnexError } from '../../domain/errors.js';
import { type ByteString, fromText } from '../../lib/bytes.js';
import type { SyncRequest } from '../../operations/sync/sync-request.js';

interface Given {
  readonly quiet?: boolean | undefined;
  readonly content?: boolean | undefined;
  readonly 'no-content-short'?: boolean | undefined;
  readonly 'content-of'?: string[] | undefined;
  readonly all?: boolean | undefined;
  readonly 'only-annex'?: boolean | undefined;
  readonly 'not-only-annex'?: boolean | undefined;
  readonly full?: boolean | undefined;
  readonly 'max-delete'?: string | undefined;
  readonly fast?: boolean | undefined;
  readonly commit?: boolean | undefined;
  readonly pull?: boolean | undefined;
  readonly push?: boolean | undefined;
  readonly message?: string[] | undefined;
  readonly cleanup?: boolean | undefined;
  readonly resolvemerge?: boolean | undefined;
  readonly 'allow-unrelated-histories'?: boolean | undefined;
}

/** The request that the options make; what a command has no option for is as `fixed` says. */
export function syncRequest(
  flags: Given,
  remotes: readonly ByteString[],
  fixed: {
    readonly commit?: boolean;
    readonly pull?: boolean;
    readonly push?: boolean;
    readonly addNew?: boolean;
  },
): SyncRequest {
  return {
    remotes,
    commit: fixed.commit ?? flags.commit,
    pull: fixed.pull ?? flags.pull ?? true,
    push: fixed.push ?? flags.push ?? true,
    content: flags['no-content-short'] ? false : flags.content,
    contentOf: (flags['content-of'] ?? []).map(fromText),
    all: flags.all === true,
    onlyAnnex: flags['not-only-annex'] ? false : flags['only-annex'],
    cleanup: flags.cleanup === true,
    resolveMerge: flags.resolvemerge,
    allowUnrelatedHistories: flags['allow-unrelated-histories'] === true,
    messages: (flags.message ?? []).map(fromText),
    fast: flags.fast === true,
    full: flags.full === true,
    addNew: fixed.addNew === true,
    maxDelete: flags['max-delete'],
    manner: flags.quiet === true ? 'unattended' : 'attended',
    cwd: fromText(process.cwd()),
  };
}

/** Milliseconds to wait for another sync, as the options say; undefined: as long as it takes. */
export function waitOf(flags: {
  readonly wait?: string | undefined;
  readonly 'no-wait'?: boolean | undefined;
}) {
  if (flags['no-wait']) return 0;
  if (flags.wait === undefined) return undefined;
  const seconds = parseDuration(flags.wait);
  if (seconds === undefined)
    throw new AnnexError('usage', `option --wait: cannot parse value \`${flags.wait}\``);
  return seconds * 1000;
}
