import { Args } from '@oclif/core';
import { fromText } from '../lib/bytes.js';
import { BaseCommand } from './base/base-command.js';
import { exitQuietly, questionsOf } from './base/plumbing-command.js';
import { currentDirectory } from './base/query-command.js';
import { backendFlag, batchFlags } from './options/common.js';

export default class Calckey extends BaseCommand {
  static override summary = 'calculate key for a file';
  static override args = { file: Args.string({ multiple: true }) };
  static override flags = { batch: batchFlags.batch, null: batchFlags.null, ...backendFlag };

  async run(): Promise<void> {
    const { flags, operands, context } = await this.request(Calckey);
    const questions = await questionsOf(flags, operands);
    const { calcKey } = await import('../operations/keys-info/calc-key.js');
    const { openParts } = await import('../operations/open-repository.js');
    const cwd = currentDirectory();
    const backend = flags.backend === undefined ? undefined : fromText(flags.backend);
    const { settings, git } = await openParts(cwd);
    try {
      exitQuietly(await calcKey(settings, { questions, cwd, backend }, context.emit));
    } finally {
      await git.close();
    }
  }
}
