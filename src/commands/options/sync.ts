import { Flags } from '@oclif/core';
import { type ByteString, fromText } from '../../lib/bytes.js';
import type { SyncRequest } from '../../operations/sync/sync-request.js';
import {
  backendFlag,
  jobsFlag,
  jsonFlags,
  jsonProgressFlag,
  sizeLimitFlag,
  timeLimitFlag,
} from './common.js';

/** Options of `pull`, and of what pulls. */
export const mergeFlags = {
  'allow-unrelated-histories': Flags.boolean({
    description: 'merge histories that have no common ancestor',
    allowNo: true,
  }),
  resolvemerge: Flags.boolean({
    description: 'resolve merge conflicts of annexed files (the default)',
    allowNo: true,
  }),
};

/** Options of `sync`, `pull` and `push` alike. */
export const exchangeFlags = {
  content: Flags.boolean({ description: 'transfer the content of annexed files too', allowNo: true }),
  'no-content-short': Flags.boolean({ char: 'g', description: 'do not transfer content', hidden: true }),
  'content-of': Flags.string({
    char: 'C',
    description: 'transfer the content of files in that path',
    helpValue: 'PATH',
    multiple: true,
  }),
  all: Flags.boolean({ char: 'A', description: 'transfer all versions of all files' }),
  'only-annex': Flags.boolean({
    char: 'a',
    description: 'exchange the git-annex branch and content, but no other branches',
  }),
  'not-only-annex': Flags.boolean({ description: 'exchange other branches too' }),
  full: Flags.boolean({
    description: 'look at all content, also where nothing has changed since it was in step',
  }),
  ...backendFlag,
  ...jobsFlag,
  ...jsonFlags,
  ...jsonProgressFlag,
  ...timeLimitFlag,
  ...sizeLimitFlag,
};

/** Option of `sync` and `push`. */
export const cleanupFlag = {
  cleanup: Flags.boolean({ description: 'remove the synced/ branches here and in the remotes, and end' }),
};

/** Option of `sync`. */
export const retryFlag = {
  retry: Flags.boolean({ description: 'only do again what failed before, where it is time for that' }),
};

interface Given {
  readonly quiet?: boolean | undefined;
  readonly content?: boolean | undefined;
  readonly 'no-content-short'?: boolean | undefined;
  readonly 'content-of'?: string[] | undefined;
  readonly all?: boolean | undefined;
  readonly 'only-annex'?: boolean | undefined;
  readonly 'not-only-annex'?: boolean | undefined;
  readonly full?: boolean | undefined;
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
  fixed: { readonly commit?: boolean; readonly pull?: boolean; readonly push?: boolean },
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
    manner: flags.quiet === true ? 'unattended' : 'attended',
    cwd: fromText(process.cwd()),
  };
}
