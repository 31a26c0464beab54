import { Args } from '@oclif/core';
import { BaseCommand } from './base/base-command.js';
import { surroundings, withRepository } from './base/query-command.js';

export default class Ungroup extends BaseCommand {
  static override summary = 'remove a repository from a group';
  static override args = {
    remote: Args.string({ description: 'a repository' }),
    group: Args.string({ multiple: true, description: 'the group that it leaves' }),
  };
  static override examples = ['git annex-ts ungroup here archive'];

  async run(): Promise<void> {
    const { operands, context } = await this.request(Ungroup);
    const { ungroup } = await import('../operations/settings-log/groups.js');
    const outcome = await withRepository(async (here) => {
      const { known } = await surroundings(here, context, {});
      return ungroup(here, known, operands, context);
    });
    await this.finish(outcome);
  }
}
