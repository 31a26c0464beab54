import { Flags } from '@oclif/core';
import { BaseCommand } from './base/base-command.js';
import { withRepository } from './base/query-command.js';

export default class Forget extends BaseCommand {
  static override summary = 'prune git-annex branch history';
  static override description =
    'Rewrites the git-annex branch without the history of where files used to be. Other clones do the same when they ' +
    'merge it. Needs --force.';
  static override args = {};
  static override flags = {
    'drop-dead': Flags.boolean({ description: 'drop references to dead repositories, too' }),
  };
  static override examples = ['git annex-ts forget --force', 'git annex-ts forget --drop-dead --force'];

  async run(): Promise<void> {
    const { flags, context } = await this.request(Forget);
    const { forget } = await import('../operations/forget/forget.js');
    const options = { dropDead: flags['drop-dead'] === true, force: flags.force === true };
    await this.finish(await withRepository((here) => forget(here, options, context)));
  }
}
