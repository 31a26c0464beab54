import { Args } from '@oclif/core';
import { BaseCommand } from './base/base-command.js';
import { withRepository } from './base/query-command.js';

const WORDS = 'tag, field=value, field=glob, ?tag, field?=glob, !tag or field!=value';

export default class Vfilter extends BaseCommand {
  static override summary = 'filter current view';
  static override args = { metadata: Args.string({ multiple: true, description: WORDS }) };
  static override examples = ['git-annex-ts vfilter favorite year!=2014'];

  async run(): Promise<void> {
    const { operands, context } = await this.request(Vfilter);
    const { filterCurrentView } = await import('../operations/view/views.js');
    await this.finish(await withRepository((here) => filterCurrentView(here, operands, context)));
  }
}
