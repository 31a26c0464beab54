import { Args } from '@oclif/core';
import { BaseCommand } from './base/base-command.js';
import { questionsOf } from './base/plumbing-command.js';
import { withRepository } from './base/query-command.js';
import { batchFlags, jsonFlags } from './options/common.js';

export default class Dropkey extends BaseCommand {
  static override summary = 'drops annexed content for specified keys';
  static override args = { key: Args.string({ multiple: true }) };
  static override examples = ['git-annex-ts dropkey --force SHA256E-s3--1b35060c'];
  static override flags = { batch: batchFlags.batch, null: batchFlags.null, ...jsonFlags };

  async run(): Promise<void> {
    const { flags, operands, context } = await this.request(Dropkey);
    const questions = await questionsOf(flags, operands);
    const { dropKeys } = await import('../operations/drop-key/drop-key.js');
    const outcome = await withRepository((here) => dropKeys(here, questions, flags.force, context), {
      commit: false,
    });
    await this.finish(outcome);
  }
}
