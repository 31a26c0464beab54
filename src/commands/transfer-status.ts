import { Args, Flags } from '@oclif/core';
import { AnnexError } from '../domain/errors.js';
import { fromText } from '../lib/bytes.js';
import type { TransferWork } from '../operations/transfer-status/transfer-status.js';
import { BaseCommand } from './base/base-command.js';
import { currentDirectory, withRepository } from './base/query-command.js';
import { jobsFlag, jsonFlags, jsonProgressFlag } from './options/common.js';

const WORKS = ['watch', 'cancel', 'pause', 'resume', 'retry', 'clear-stale'] as const;

export default class TransferStatus extends BaseCommand {
  static override summary = 'show and steer the transfers of this repository';
  static override description =
    'Shows what is moving, by git-annex-ts, by git-annex, or for clients of a server here; what failed and when it is tried again; ' +
    'what is paused; and which processes wait for which lock.\n\n' +
    'What is cancelled or paused ends or waits within a second; what has arrived is kept and continued. Servers of git-annex-ts end just ' +
    'the one transfer. A process of git-annex cannot be paused, and to cancel its transfer it is interrupted as a whole, unless it is at ' +
    'other transfers too or serves others: then nothing is done, and said so.\n\n' +
    'Paused transfers hold no lock; those with other remotes go on. A pause lasts until --resume. Commands that run when it begins do all ' +
    'else, then wait; those that are started later, and sync --quiet, leave out what is paused, say so, and end.';
  static override examples = [
    'git annex-ts transfer-status --watch',
    'git annex-ts transfer-status --cancel big.iso',
    'git annex-ts transfer-status --pause --remote origin',
    'git annex-ts transfer-status --resume',
    'git annex-ts transfer-status --json | jq .transfers',
  ];
  static override args = { file: Args.string({ multiple: true, description: 'files or keys' }) };
  static override flags = {
    watch: Flags.boolean({ description: 'show it again each second, with --json as a stream of records' }),
    cancel: Flags.boolean({ description: 'end the running transfers of the files or keys' }),
    all: Flags.boolean({ description: 'with --cancel: all running transfers' }),
    pause: Flags.boolean({ description: 'let transfers wait: all, with a remote, or of files or keys' }),
    resume: Flags.boolean({ description: 'let paused transfers go on' }),
    retry: Flags.boolean({ description: 'try again now what failed' }),
    'clear-stale': Flags.boolean({ description: 'remove what killed processes left behind' }),
    remote: Flags.string({
      description: 'with --pause, --resume, --retry: transfers with that remote',
      helpValue: 'REMOTE',
      multiple: true,
    }),
    ...jobsFlag,
    ...jsonFlags,
    ...jsonProgressFlag,
  };

  async run(): Promise<void> {
    const { flags, operands, context } = await this.request(TransferStatus);
    const asked: TransferWork[] = WORKS.filter((name) => flags[name]);
    if (asked.length > 1) throw new AnnexError('usage', `--${asked[0]} and --${asked[1]} do not go together`);
    const { transferStatus } = await import('../operations/transfer-status/transfer-status.js');
    const { openRepository } = await import('../operations/open-repository.js');
    const work = asked[0] ?? 'show';
    const outcome = await withRepository(
      async (repository) => {
        const request = { work, operands, remotes: (flags.remote ?? []).map(fromText), all: flags.all };
        const redraw = process.stdout.isTTY ? (await import('../report/redraw.js')).redraw : undefined;
        const session = { openRepository, force: flags.force };
        const scene = { repository, context, session };
        return transferStatus(scene, { ...request, cwd: currentDirectory(), redraw });
      },
      { readOnly: work !== 'retry' },
    );
    await this.finish(outcome);
  }
}
