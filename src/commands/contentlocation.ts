import { Args } from '@oclif/core';
import { BaseCommand } from './base/base-command.js';
import { exitQuietly, questionsOf } from './base/plumbing-command.js';
import { currentDirectory, withRepository } from './base/query-command.js';
import { batchFlags } from './options/common.js';

export default class Contentlocation extends BaseCommand {
  static override summary = 'looks up content for a key';
  static override args = { key: Args.string({ multiple: true }) };
  static override flags = { batch: batchFlags.batch, null: batchFlags.null };

  async run(): Promise<void> {
    const { flags, operands, context } = await this.request(Contentlocation);
    const questions = await questionsOf(flags, operands);
    const { contentLocation } = await import('../operations/keys-info/content-location.js');
    const cwd = currentDirectory();
    exitQuietly(await withRepository((here) => contentLocation(here, { questions, cwd }, context.emit)));
  }
}
