import { Args } from '@oclif/core';
import { BaseCommand } from './base/base-command.js';
import { surroundings, withRepository } from './base/query-command.js';
import { jsonFlags } from './options/common.js';

export default class Describe extends BaseCommand {
  static override summary = 'change description of a repository';
  static override args = {
    remote: Args.string({ description: 'a repository' }),
    description: Args.string({ multiple: true }),
  };
  static override flags = { ...jsonFlags };

  async run(): Promise<void> {
    const { operands, context } = await this.request(Describe);
    const { describe } = await import('../operations/settings-log/describe.js');
    const outcome = await withRepository(async (here) => {
      const { known } = await surroundings(here, context, {});
      return describe(here, known, operands, context);
    });
    await this.finish(outcome);
  }
}
