import { availableParallelism } from 'node:os';
import { Flags } from '@oclif/core';
import { AnnexError } from '../../domain/errors.js';

const GROUP = 'COMMON';

/** Options every command accepts; `BaseCommand` declares them. */
export const commonFlags = {
  force: Flags.boolean({ description: 'allow actions that may lose annexed data', helpGroup: GROUP }),
  fast: Flags.boolean({ char: 'F', description: 'avoid slow operations', helpGroup: GROUP }),
  quiet: Flags.boolean({ char: 'q', description: 'only show what failed', helpGroup: GROUP }),
  verbose: Flags.boolean({ char: 'v', description: 'show what is done (the default)', helpGroup: GROUP }),
  debug: Flags.boolean({
    char: 'd',
    description: 'show debug messages on standard error',
    allowNo: true,
    helpGroup: GROUP,
  }),
  debugfilter: Flags.string({
    description: 'limit debug messages to the named modules',
    helpValue: 'NAME[,NAME..]',
    helpGroup: GROUP,
  }),
  explain: Flags.boolean({ description: 'explain why expressions match or do not', helpGroup: GROUP }),
  numcopies: natural('override the desired number of copies', 'N'),
  mincopies: natural('override the minimum number of copies'),
  rebalance: Flags.boolean({ description: 'move content as needed to improve balance', helpGroup: GROUP }),
  trust: remote('deprecated, does not override the trust setting'),
  semitrust: remote('override the trust setting back to the default'),
  untrust: remote('override the trust setting to untrusted'),
  'trust-glacier': Flags.boolean({ description: 'deprecated, has no effect', helpGroup: GROUP }),
  config: Flags.string({
    char: 'c',
    description: 'override a git configuration setting',
    helpValue: 'NAME=VALUE',
    multiple: true,
    helpGroup: GROUP,
  }),
  'user-agent': Flags.string({
    description: 'override the default User-Agent',
    helpValue: 'NAME',
    helpGroup: GROUP,
  }),
  'notify-finish': Flags.boolean({
    description: 'show a desktop notification after a transfer',
    helpGroup: GROUP,
  }),
  'notify-start': Flags.boolean({
    description: 'show a desktop notification before a transfer',
    helpGroup: GROUP,
  }),
};

/** `--json` and its relatives, for commands that report actions or records. */
export const jsonFlags = {
  json: Flags.boolean({ char: 'j', description: 'write one JSON object per action', helpGroup: GROUP }),
  'json-error-messages': Flags.boolean({
    description: 'put error messages into the JSON instead of on standard error',
    helpGroup: GROUP,
  }),
};

/** `--json-progress`, for commands that move content. */
export const jsonProgressFlag = {
  'json-progress': Flags.boolean({ description: 'write JSON objects about progress too', helpGroup: GROUP }),
};

/** `--jobs`, for commands that can do several things at once. */
export const jobsFlag = {
  jobs: Flags.custom<number>({
    char: 'J',
    description: 'do that many things at once',
    helpValue: 'NUMBER|cpus',
    helpGroup: GROUP,
    parse: async (input) => (input === 'cpus' ? availableParallelism() : positive('-J', input)),
  })(),
};

/** `--backend`, for commands that make keys. */
export const backendFlag = {
  backend: Flags.string({
    char: 'b',
    description: 'key-value backend to use',
    helpValue: 'NAME',
    helpGroup: GROUP,
  }),
};

/** `--time-limit`, for commands that work through files. The value is git-annex's duration text. */
export const timeLimitFlag = {
  'time-limit': Flags.string({
    char: 'T',
    description: 'stop after that time; the exit code is then 101',
    helpValue: 'TIME',
    helpGroup: GROUP,
  }),
};

/** `--size-limit`, for commands that move or drop content. The value is git-annex's size text. */
export const sizeLimitFlag = {
  'size-limit': Flags.string({
    description: 'process that much content at most; the exit code is then 101',
    helpValue: 'SIZE',
    helpGroup: GROUP,
  }),
};

/** Which keys a command acts on when it is not given files. */
export const keyFlags = {
  all: Flags.boolean({ char: 'A', description: 'operate on all versions of all files' }),
  branch: Flags.string({
    description: 'operate on files in that branch or treeish',
    helpValue: 'REF',
    multiple: true,
  }),
  unused: Flags.boolean({ char: 'U', description: 'operate on files found by the last run of unused' }),
  key: Flags.string({ description: 'operate on that key', helpValue: 'KEY' }),
};

/** `--batch` and its relatives. */
export const batchFlags = {
  batch: Flags.boolean({ description: 'read file names from standard input' }),
  'batch-keys': Flags.boolean({ description: 'read keys from standard input' }),
  null: Flags.boolean({ char: 'z', description: 'names read by --batch end with a NUL byte' }),
};

function natural(description: string, char?: 'N') {
  return Flags.custom<number>({
    description,
    helpValue: 'NUMBER',
    helpGroup: GROUP,
    ...(char ? { char } : {}),
    parse: async (input, _context, flag) => wholeNumber(`--${flag.name}`, input),
  })();
}

function remote(description: string) {
  return Flags.string({ description, helpValue: 'REMOTE', multiple: true, helpGroup: GROUP });
}

function wholeNumber(option: string, input: string): number {
  if (!/^\d{1,9}$/.test(input))
    throw new AnnexError('usage', `option ${option}: cannot parse value \`${input}'`);
  return Number(input);
}

function positive(option: string, input: string): number {
  const value = wholeNumber(option, input);
  if (value === 0) throw new AnnexError('usage', `option ${option}: cannot parse value \`${input}'`);
  return value;
}
