import { Args } from '@oclif/core';
import { BaseCommand } from './base/base-command.js';
import { questionsOf } from './base/plumbing-command.js';
import { currentDirectory, withRepository } from './base/query-command.js';
import { batchFlags, jsonFlags } from './options/common.js';

export default class Rekey extends BaseCommand {
  static override summary = 'change keys used for files';
  static override args = { pair: Args.string({ multiple: true, description: 'FILE KEY ...' }) };
  static override examples = ['git-annex-ts rekey photo.jpg WORM-s3-m1--photo.jpg'];
  static override flags = { batch: batchFlags.batch, null: batchFlags.null, ...jsonFlags };

  async run(): Promise<void> {
    const { flags, operands, context } = await this.request(Rekey);
    const questions = await questionsOf(flags, operands);
    const { rekey } = await import('../operations/rekey/rekey.js');
    const request = { questions, force: flags.force, cwd: currentDirectory() };
    await this.finish(await withRepository((here) => rekey(here, request, context)));
  }
}
