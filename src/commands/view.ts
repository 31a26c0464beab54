import { Args } from '@oclif/core';
import { BaseCommand } from './base/base-command.js';
import { withRepository } from './base/query-command.js';

const WORDS = 'tag, field=value, field=glob, ?tag, field?=glob, !tag or field!=value';

export default class View extends BaseCommand {
  static override summary = 'enter a view branch';
  static override args = { metadata: Args.string({ multiple: true, description: WORDS }) };
  static override examples = ['git-annex-ts view author=* year=2024', 'git-annex-ts view /=* !archived'];

  async run(): Promise<void> {
    const { operands, context } = await this.request(View);
    const { enterView } = await import('../operations/view/views.js');
    await this.finish(await withRepository((here) => enterView(here, operands, context)));
  }
}
