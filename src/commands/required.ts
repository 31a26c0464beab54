import { Args } from '@oclif/core';
import { BaseCommand } from './base/base-command.js';
import { surroundings, withRepository } from './base/query-command.js';

export default class Required extends BaseCommand {
  static override summary = 'get or set required content expression';
  static override args = {
    remote: Args.string({ description: 'a repository' }),
    expression: Args.string({ multiple: true, description: 'shown when not given; empty: no expression' }),
  };
  static override examples = ['git annex-ts required here "include=*.mp3 or include=*.ogg"'];

  async run(): Promise<void> {
    const { operands, context } = await this.request(Required);
    const { contentExpression } = await import('../operations/settings-log/expressions.js');
    const outcome = await withRepository(async (here) => {
      const { known } = await surroundings(here, context, {});
      return contentExpression(here, known, 'required', operands, context);
    });
    await this.finish(outcome);
  }
}
