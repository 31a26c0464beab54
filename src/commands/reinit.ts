import { Args } from '@oclif/core';
import { BaseCommand } from './base/base-command.js';
import { currentDirectory } from './base/query-command.js';
import { jsonFlags } from './options/common.js';

export default class Reinit extends BaseCommand {
  static override summary = 'initialize repository, reusing old UUID';
  static override description =
    'Two repositories with the same uuid are confusing: use it for one that is gone. Run fsck afterwards, so that it is ' +
    'known what is there.';
  static override args = {
    repository: Args.string({
      multiple: true,
      description: 'the uuid or description of the repository to be',
    }),
  };
  static override flags = { ...jsonFlags };
  static override examples = ['git annex-ts reinit "my laptop"'];

  async run(): Promise<void> {
    const { operands, context } = await this.request(Reinit);
    const { reinit } = await import('../operations/reinit/reinit.js');
    await this.finish(await reinit(currentDirectory(), operands, context));
  }
}
