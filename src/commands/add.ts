import { Args, Flags } from '@oclif/core';
import { fromText } from '../lib/bytes.js';
import { BaseCommand } from './base/base-command.js';
import { backendFlag, batchFlags, jobsFlag, jsonFlags, jsonProgressFlag } from './options/common.js';
import { fileMatchingFlags } from './options/matching.js';

export default class Add extends BaseCommand {
  static override summary = 'add files to annex';
  static override args = { path: Args.string({ multiple: true }) };
  static override flags = {
    'include-dotfiles': Flags.boolean({ description: 'deprecated, has no effect', hidden: true }),
    'check-gitignore': Flags.boolean({ description: 'skip gitignored files', allowNo: true, default: true }),
    'force-large': Flags.boolean({ description: 'add all files to the annex, ignoring annex.largefiles' }),
    'force-small': Flags.boolean({ description: 'add all files to git, ignoring annex.largefiles' }),
    update: Flags.boolean({ char: 'u', description: 'only update tracked files' }),
    'dry-run': Flags.boolean({ description: 'show what would be done, and do nothing' }),
    batch: batchFlags.batch,
    null: batchFlags.null,
    ...backendFlag,
    ...jobsFlag,
    ...jsonFlags,
    ...jsonProgressFlag,
    ...fileMatchingFlags,
  };

  async run(): Promise<void> {
    const { flags, operands, matching, context } = await this.request(Add);
    const { openRepository } = await import('../operations/open-repository.js');
    const { add } = await import('../operations/add/add.js');
    const cwd = fromText(process.cwd());
    const repository = await openRepository(cwd);
    try {
      const outcome = await add(
        repository,
        {
          operands,
          cwd,
          includeIgnored: !flags['check-gitignore'] || flags.force,
          trackedOnly: flags.update,
          forceLarge: flags['force-large'],
          forceSmall: flags['force-small'],
          matching,
          dryRun: flags['dry-run'],
          backend: flags.backend === undefined ? undefined : fromText(flags.backend),
          batch: flags.batch ? await batchNames(flags.null) : undefined,
        },
        context,
      );
      await this.finish(outcome);
    } finally {
      await repository.close();
    }
  }
}

async function batchNames(separatedByNul: boolean) {
  const { splitRecords } = await import('../lib/record-splitter.js');
  return splitRecords(process.stdin, separatedByNul ? '\0' : '\n');
}
