import { Args, Flags } from '@oclif/core';
import { AnnexError } from '../domain/errors.js';
import { BaseCommand } from './base/base-command.js';
import { surroundings, withRepository } from './base/query-command.js';

export default class Group extends BaseCommand {
  static override summary = 'add a repository to a group';
  static override args = {
    remote: Args.string({ description: 'a repository' }),
    group: Args.string({ multiple: true, description: 'a single word; its groups are shown when not given' }),
  };
  static override flags = {
    list: Flags.boolean({ description: 'list all groups that repositories are in' }),
  };
  static override examples = ['git annex-ts group here archive', 'git annex-ts group --list'];

  async run(): Promise<void> {
    const { flags, operands, context } = await this.request(Group);
    if (flags.list && operands.length > 0) {
      throw new AnnexError('usage', 'Cannot combine --list with other options');
    }
    const { group, listGroups } = await import('../operations/settings-log/groups.js');
    const outcome = await withRepository(async (here) => {
      const { known } = await surroundings(here, context, {});
      return flags.list ? listGroups(here, context) : group(here, known, operands, context);
    });
    await this.finish(outcome);
  }
}
