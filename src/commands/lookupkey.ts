import { Args, Flags } from '@oclif/core';
import { BaseCommand } from './base/base-command.js';
import { exitQuietly, questionsOf } from './base/plumbing-command.js';
import { currentDirectory, withRepository } from './base/query-command.js';
import { batchFlags } from './options/common.js';

export default class Lookupkey extends BaseCommand {
  static override summary = 'looks up key used for file';
  static override args = { file: Args.string({ multiple: true }) };
  static override flags = {
    ref: Flags.boolean({ description: 'look up keys in git refs such as HEAD:file' }),
    batch: batchFlags.batch,
    null: batchFlags.null,
  };

  async run(): Promise<void> {
    const { flags, operands, context } = await this.request(Lookupkey);
    const questions = await questionsOf(flags, operands);
    const { lookupKey } = await import('../operations/keys-info/lookup-key.js');
    const cwd = currentDirectory();
    exitQuietly(
      await withRepository((here) => lookupKey(here, { questions, cwd, refs: flags.ref }, context.emit)),
    );
  }
}
