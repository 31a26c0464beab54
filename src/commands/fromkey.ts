import { Args } from '@oclif/core';
import { BaseCommand } from './base/base-command.js';
import { pairQuestions } from './base/plumbing-command.js';
import { currentDirectory, withRepository } from './base/query-command.js';
import { batchFlags, jsonFlags } from './options/common.js';

export default class Fromkey extends BaseCommand {
  static override summary = 'adds a file using a specific key';
  static override args = { pair: Args.string({ multiple: true, description: 'KEY FILE ...' }) };
  static override examples = ['git-annex-ts fromkey --force SHA256E-s3--1b35060c photo.jpg'];
  static override flags = { batch: batchFlags.batch, null: batchFlags.null, ...jsonFlags };

  async run(): Promise<void> {
    const { flags, operands, context } = await this.request(Fromkey);
    const questions = await pairQuestions(flags, operands);
    const { fromKey } = await import('../operations/from-key/from-key.js');
    const request = { questions, force: flags.force, cwd: currentDirectory() };
    await this.finish(await withRepository((here) => fromKey(here, request, context)));
  }
}
