import { Args } from '@oclif/core';
import { BaseCommand } from './base/base-command.js';
import { currentDirectory, withRepository } from './base/query-command.js';
import { jsonFlags } from './options/common.js';

export default class Addunused extends BaseCommand {
  static override summary = 'add back unused files';
  static override args = {
    number: Args.string({ multiple: true, description: 'numbers or ranges given by unused, or all' }),
  };
  static override examples = ['git-annex-ts addunused 2', 'git-annex-ts addunused 3-5'];
  static override flags = { ...jsonFlags };

  async run(): Promise<void> {
    const { operands, context } = await this.request(Addunused);
    const { addUnused } = await import('../operations/add-unused/add-unused.js');
    const outcome = await withRepository((here) => addUnused(here, operands, currentDirectory(), context));
    await this.finish(outcome);
  }
}
