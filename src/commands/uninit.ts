import { BaseCommand } from './base/base-command.js';
import { currentDirectory, withRepository } from './base/query-command.js';
import { jsonFlags } from './options/common.js';

export default class Uninit extends BaseCommand {
  static override summary = 'de-initialize git-annex and clean out repository';
  static override description =
    'Every file gets its content back; then all other data of the annex is removed. Contents that no file has, such as ' +
    'old versions, are never deleted: they have to be moved away or dropped before it can be finished.';
  static override examples = ['git annex-ts uninit'];
  static override flags = { ...jsonFlags };

  async run(): Promise<void> {
    const { context } = await this.request(Uninit);
    const { uninit } = await import('../operations/uninit/uninit.js');
    const work = { commit: false, autoInit: false };
    await this.finish(await withRepository((here) => uninit(here, currentDirectory(), context), work));
  }
}
