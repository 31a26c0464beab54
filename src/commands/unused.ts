import { Flags } from '@oclif/core';
import { fromText } from '../lib/bytes.js';
import { BaseCommand } from './base/base-command.js';
import { surroundings, withRepository } from './base/query-command.js';
import { jsonFlags } from './options/common.js';

export default class Unused extends BaseCommand {
  static override summary = 'look for unused file content';
  static override examples = [
    'git-annex-ts unused',
    'git-annex-ts unused --from backup',
    'git-annex-ts unused --used-refspec=+refs/heads/*:+refs/tags/*',
  ];
  static override flags = {
    from: Flags.string({
      char: 'f',
      description: 'check for unused data of a repository',
      helpValue: 'REMOTE',
    }),
    'used-refspec': Flags.string({ description: 'what refs to consider used', helpValue: 'REFSPEC' }),
    ...jsonFlags,
  };

  async run(): Promise<void> {
    const { flags, context } = await this.request(Unused);
    const { unused } = await import('../operations/unused/unused.js');
    const words = (text: string | undefined) => (text === undefined ? undefined : fromText(text));
    const request = {
      from: words(flags.from),
      fast: flags.fast,
      refspec: words(flags['used-refspec']),
    };
    const outcome = await withRepository(async (here) => {
      const { known } = await surroundings(here, context, flags);
      return unused(here, known, request, context);
    });
    await this.finish(outcome);
  }
}
