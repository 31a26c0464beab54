import { BaseCommand } from './base/base-command.js';
import { withRepository } from './base/query-command.js';

export default class Vcycle extends BaseCommand {
  static override summary = 'switch view to next layout';
  static override examples = ['git-annex-ts vcycle'];

  async run(): Promise<void> {
    const { context } = await this.request(Vcycle);
    const { cycleCurrentView } = await import('../operations/view/views.js');
    await this.finish(await withRepository((here) => cycleCurrentView(here, context)));
  }
}
