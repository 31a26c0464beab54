import { Args } from '@oclif/core';
import { fromText } from '../lib/bytes.js';
import { BaseCommand } from './base/base-command.js';
import { jsonFlags } from './options/common.js';
import { mergeFlags } from './options/sync.js';

export default class Merge extends BaseCommand {
  static override summary = 'merge changes from remotes';
  static override description =
    'Merges what sync would merge, without exchanging anything with remotes; or the branches that are named.';
  static override args = { branch: Args.string({ multiple: true }) };
  static override flags = { ...mergeFlags, ...jsonFlags };

  async run(): Promise<void> {
    const { flags, operands, context } = await this.request(Merge);
    const { openRepository } = await import('../operations/open-repository.js');
    const { merge } = await import('../operations/merge/merge.js');
    const repository = await openRepository(fromText(process.cwd()), {
      onAside: (text) => context.emit({ type: 'aside', text }),
    });
    try {
      const request = {
        refs: operands,
        allowUnrelatedHistories: flags['allow-unrelated-histories'] === true,
        resolveMerge: flags.resolvemerge,
      };
      await this.finish(await merge(repository, request, context));
    } finally {
      await repository.close();
    }
  }
}
