import { AnnexError } from '../domain/errors.js';
import { BaseCommand } from './base/base-command.js';
import { currentDirectory, surroundings, withRepository } from './base/query-command.js';

export default class Vicfg extends BaseCommand {
  static override summary = 'edit configuration in git-annex branch';
  static override description =
    'Opens the editor that git uses on the settings that all clones share: trust, groups, preferred and required ' +
    'content, maximum sizes, schedules, copies. What was changed is recorded when the editor ends; a line that cannot ' +
    'be understood is marked and the editor opened again.';
  static override args = {};
  static override flags = {};
  static override examples = ['git annex-ts vicfg', 'GIT_EDITOR=nano git annex-ts vicfg'];

  async run(): Promise<void> {
    const { operands, context } = await this.request(Vicfg);
    if (operands.length > 0) throw new AnnexError('usage', 'This command takes no parameters.');
    const { editSettings } = await import('../operations/vicfg/vicfg.js');
    const outcome = await withRepository(async (here) => {
      const { known } = await surroundings(here, context, {});
      return editSettings(here, known, currentDirectory(), context);
    });
    await this.finish(outcome);
  }
}
