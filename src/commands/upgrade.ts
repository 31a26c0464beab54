import { Flags } from '@oclif/core';
import { BaseCommand } from './base/base-command.js';
import { currentDirectory } from './base/query-command.js';
import { jsonFlags } from './options/common.js';

export default class Upgrade extends BaseCommand {
  static override summary = 'upgrade repository';
  static override description =
    'Brings a repository of version 8 or 9 to the newest version. The step from 9 to 10 waits for a year, unless --force.';
  static override examples = ['git annex-ts upgrade', 'git annex-ts upgrade --force'];
  static override flags = {
    autoonly: Flags.boolean({ description: 'only do what would be done automatically' }),
    ...jsonFlags,
  };

  async run(): Promise<void> {
    const { flags, context } = await this.request(Upgrade);
    const { upgrade } = await import('../operations/upgrade/upgrade.js');
    const force = flags.force === true && !flags.autoonly;
    await this.finish(await upgrade({ cwd: currentDirectory(), force }, context));
  }
}
