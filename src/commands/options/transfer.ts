import { Flags } from '@oclif/core';
import {
  batchFlags,
  jobsFlag,
  jsonFlags,
  jsonProgressFlag,
  keyFlags,
  sizeLimitFlag,
  timeLimitFlag,
} from './common.js';
import { matchingFlags } from './matching.js';

/** What `get`, `copy` and `move` have in common: which contents, how many at once, how long and how it is told. */
export const transferFlags = {
  failed: Flags.boolean({ description: 'operate on files that recently failed to be transferred' }),
  ...keyFlags,
  ...batchFlags,
  ...jobsFlag,
  ...jsonFlags,
  ...jsonProgressFlag,
  ...timeLimitFlag,
  ...sizeLimitFlag,
  ...matchingFlags,
};
