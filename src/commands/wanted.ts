import { Args } from '@oclif/core';
import { BaseCommand } from './base/base-command.js';
import { surroundings, withRepository } from './base/query-command.js';

export default class Wanted extends BaseCommand {
  static override summary = 'get or set preferred content expression';
  static override args = {
    remote: Args.string({ description: 'a repository' }),
    expression: Args.string({ multiple: true, description: 'shown when not given; empty: no expression' }),
  };
  static override examples = ['git annex-ts wanted here "include=*.mp3 or include=*.ogg"'];

  async run(): Promise<void> {
    const { operands, context } = await this.request(Wanted);
    const { contentExpression } = await import('../operations/settings-log/expressions.js');
    const outcome = await withRepository(async (here) => {
      const { known } = await surroundings(here, context, {});
      return contentExpression(here, known, 'wanted', operands, context);
    });
    await this.finish(outcome);
  }
}
