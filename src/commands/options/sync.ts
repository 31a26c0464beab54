import { Flags } from '@oclif/core';
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

/** Option of what deletes: commits of deletions, drops. */
export const maxDeleteFlag = {
  'max-delete': Flags.string({
    description: 'stop before more files than that are deleted, or their content dropped',
    helpValue: 'N|N%',
  }),
};

/** Options of all that moves content. */
export const contentFlags = {
  'content-of': Flags.string({
    char: 'C',
    description: 'transfer the content of files in that path',
    helpValue: 'PATH',
    multiple: true,
  }),
  all: Flags.boolean({ char: 'A', description: 'transfer all versions of all files' }),
  'dry-run': Flags.boolean({ description: 'show what would be done, and touch nothing' }),
  check: Flags.boolean({
    description: 'only tell whether all is in sync, content included; the exit code is 2 when it is not',
  }),
  full: Flags.boolean({
    description: 'look at all content, also where nothing has changed since it was in step',
  }),
  wait: Flags.string({
    description: 'wait that long for another sync of the repository to end (default: as long as it takes)',
    helpValue: 'DURATION',
  }),
  'no-wait': Flags.boolean({
    description: 'do not wait for another sync of the repository; the exit code is then 75',
  }),
  ...maxDeleteFlag,
  ...jobsFlag,
  ...jsonFlags,
  ...jsonProgressFlag,
  ...timeLimitFlag,
  ...sizeLimitFlag,
};

/** Options of `sync`, `pull` and `push` alike. */
export const exchangeFlags = {
  content: Flags.boolean({ description: 'transfer the content of annexed files too', allowNo: true }),
  'no-content-short': Flags.boolean({ char: 'g', description: 'do not transfer content', hidden: true }),
  'only-annex': Flags.boolean({
    char: 'a',
    description: 'exchange the git-annex branch and content, but no other branches',
  }),
  'not-only-annex': Flags.boolean({ description: 'exchange other branches too' }),
  ...backendFlag,
  ...contentFlags,
};

/** Option of `sync` and `push`. */
export const cleanupFlag = {
  cleanup: Flags.boolean({ description: 'remove the synced/ branches here and in the remotes, and end' }),
};

/** Option of `sync`. */
export const retryFlag = {
  retry: Flags.boolean({ description: 'only do again what failed before, where it is time for that' }),
};
