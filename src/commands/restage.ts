import { BaseCommand } from './base/base-command.js';
import { withRepository } from './base/query-command.js';

export default class Restage extends BaseCommand {
  static override summary = 'restages unlocked files in the git index';
  static override description =
    'Where git status shows unlocked files as modified because their content came or went while the index was locked.';
  static override examples = ['git annex-ts restage'];

  async run(): Promise<void> {
    const { context } = await this.request(Restage);
    const { restage } = await import('../operations/restage/restage.js');
    // Opening it for a commit would do it unasked, and not say when it could not be done.
    await this.finish(await withRepository((here) => restage(here, context), { commit: false }));
  }
}
