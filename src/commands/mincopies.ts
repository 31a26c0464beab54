import { Args } from '@oclif/core';
import { BaseCommand } from './base/base-command.js';
import { withRepository } from './base/query-command.js';

export default class Mincopies extends BaseCommand {
  static override summary = 'configure minimum number of copies';
  static override args = { number: Args.string({ multiple: true, description: 'shown when not given' }) };
  static override flags = {};

  async run(): Promise<void> {
    const { operands, context } = await this.request(Mincopies);
    const { copiesCommand } = await import('../operations/settings-log/copies.js');
    const outcome = await withRepository((here) => copiesCommand(here, 'mincopies', operands, context));
    await this.finish(outcome);
  }
}
