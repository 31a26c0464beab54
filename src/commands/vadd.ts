import { Args } from '@oclif/core';
import { BaseCommand } from './base/base-command.js';
import { withRepository } from './base/query-command.js';

const WORDS = 'tag, field=value, field=glob, ?tag, field?=glob, !tag or field!=value';

export default class Vadd extends BaseCommand {
  static override summary = 'add subdirs to current view';
  static override args = { metadata: Args.string({ multiple: true, description: WORDS }) };
  static override examples = ['git-annex-ts vadd year=*'];

  async run(): Promise<void> {
    const { operands, context } = await this.request(Vadd);
    const { addToView } = await import('../operations/view/views.js');
    await this.finish(await withRepository((here) => addToView(here, operands, context)));
  }
}
