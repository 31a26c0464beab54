import { Args } from '@oclif/core';
import { BaseCommand } from './base/base-command.js';
import { questionsOf } from './base/plumbing-command.js';
import { withRepository } from './base/query-command.js';
import { batchFlags, jsonFlags } from './options/common.js';

export default class Setpresentkey extends BaseCommand {
  static override summary = 'change records of where key is present';
  static override args = { statement: Args.string({ multiple: true, description: 'KEY UUID [1|0]' }) };
  static override flags = { batch: batchFlags.batch, null: batchFlags.null, ...jsonFlags };

  async run(): Promise<void> {
    const { flags, operands, context } = await this.request(Setpresentkey);
    const questions = await questionsOf(flags, operands);
    const { setPresentKey } = await import('../operations/keys-info/set-present-key.js');
    const { logClock } = await import('../operations/settings-log/log-clock.js');
    const outcome = await withRepository((here) => setPresentKey(here.branch, questions, logClock, context), {
      commit: false,
    });
    await this.finish(outcome);
  }
}
