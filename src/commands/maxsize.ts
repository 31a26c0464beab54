import { Args, Flags } from '@oclif/core';
import { BaseCommand } from './base/base-command.js';
import { surroundings, withRepository } from './base/query-command.js';
import { jsonFlags } from './options/common.js';

export default class Maxsize extends BaseCommand {
  static override summary = 'configure maximum size of repository';
  static override args = {
    remote: Args.string({ description: 'a repository; all are shown when not given' }),
    size: Args.string({ multiple: true, description: 'in any unit, `0.8TB`; 0: no limit' }),
  };
  static override flags = {
    bytes: Flags.boolean({ description: 'show sizes in bytes' }),
    ...jsonFlags,
  };
  static override examples = ['git annex-ts maxsize here "100 gigabytes"', 'git annex-ts maxsize'];

  async run(): Promise<void> {
    const { flags, operands, context } = await this.request(Maxsize);
    const { assertMaxSizeOperands, setMaxSize, showMaxSize } = await import(
      '../operations/settings-log/maxsize.js'
    );
    const { maxSizeTable } = await import('../operations/settings-log/maxsize-table.js');
    assertMaxSizeOperands(operands);
    const [name, size] = operands;
    const shape = { inBytes: flags.bytes === true };
    const outcome = await withRepository(async (here) => {
      const { known } = await surroundings(here, context, {});
      if (name === undefined) return maxSizeTable(here, known, shape, context);
      if (size === undefined) return showMaxSize(here, known, name, shape, context);
      return setMaxSize(here, known, [name, size], context);
    });
    await this.finish(outcome);
  }
}
