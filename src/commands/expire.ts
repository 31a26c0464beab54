import { Args, Flags } from '@oclif/core';
import { AnnexError } from '../domain/errors.js';
import { fromText } from '../lib/bytes.js';
import { BaseCommand } from './base/base-command.js';
import { surroundings, withRepository } from './base/query-command.js';
import { jsonFlags } from './options/common.js';

export default class Expire extends BaseCommand {
  static override summary = 'expire inactive repositories';
  static override args = {
    time: Args.string({ multiple: true, description: '`60d`, `never`; for one repository: `NAME:60d`' }),
  };
  static override flags = {
    'no-act': Flags.boolean({ description: 'only show what would be done' }),
    activity: Flags.string({ description: 'the activity that counts', helpValue: 'NAME' }),
    ...jsonFlags,
  };
  static override examples = ['git annex-ts expire 60d --no-act', 'git annex-ts expire 60d usbdrive:1y'];

  async run(): Promise<void> {
    const { flags, operands, context } = await this.request(Expire);
    if (flags.activity !== undefined && flags.activity !== 'Fsck') {
      throw new AnnexError('usage', 'option --activity: Unknown activity. Choose from: Fsck');
    }
    const activity = flags.activity === undefined ? undefined : fromText(flags.activity);
    const { expire } = await import('../operations/expire/expire.js');
    const outcome = await withRepository(async (here) => {
      const { known } = await surroundings(here, context, {});
      return expire(here, known, { times: operands, activity, noAct: flags['no-act'] === true }, context);
    });
    await this.finish(outcome);
  }
}
