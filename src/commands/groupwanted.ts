import { Args } from '@oclif/core';
import { BaseCommand } from './base/base-command.js';
import { withRepository } from './base/query-command.js';

export default class Groupwanted extends BaseCommand {
  static override summary = 'get or set groupwanted expression';
  static override args = {
    group: Args.string({ description: 'the name of a group' }),
    expression: Args.string({ multiple: true, description: 'shown when not given; empty: no expression' }),
  };
  static override examples = ['git annex-ts groupwanted redundantarchive "not (copies=redundantarchive:3)"'];

  async run(): Promise<void> {
    const { operands, context } = await this.request(Groupwanted);
    const { groupExpression } = await import('../operations/settings-log/expressions.js');
    await this.finish(await withRepository((here) => groupExpression(here, operands, context)));
  }
}
