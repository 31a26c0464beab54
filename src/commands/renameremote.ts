import { Args } from '@oclif/core';
import { BaseCommand } from './base/base-command.js';
import { surroundings, withRepository } from './base/query-command.js';

export default class Renameremote extends BaseCommand {
  static override summary = 'changes name of special remote';
  static override description =
    'Changes the name that enableremote uses. The name of the remote in git config stays as it is.';
  static override args = {
    remote: Args.string({ description: 'its name, uuid or description' }),
    newname: Args.string({ multiple: true }),
  };
  static override flags = {};
  static override examples = ['git annex-ts renameremote phone lost-phone'];

  async run(): Promise<void> {
    const { operands, context } = await this.request(Renameremote);
    const { renameRemote } = await import('../operations/settings-log/rename-remote.js');
    const outcome = await withRepository(async (here) => {
      const { known } = await surroundings(here, context, {});
      return renameRemote(here, known, operands, context);
    });
    await this.finish(outcome);
  }
}
