import { Flags } from '@oclif/core';
import { BaseCommand } from './base/base-command.js';
import { findOutput } from './base/find-output.js';
import { selectionOf, withRepository } from './base/query-command.js';
import { jsonFlags } from './options/common.js';
import { keyMatchingFlags } from './options/key-matching.js';

export default class Findkeys extends BaseCommand {
  static override summary = 'lists available keys';
  static override description =
    'Without matching options, keys whose content is present are listed; `--anything` lists all.';
  static override args = {};
  static override flags = {
    format: Flags.string({ description: 'control the output', helpValue: 'FORMAT', exclusive: ['print0'] }),
    print0: Flags.boolean({ description: 'end keys with a NUL byte', exclusive: ['format'] }),
    ...jsonFlags,
    ...keyMatchingFlags,
  };

  async run(): Promise<void> {
    const request = await this.request(Findkeys);
    const { flags, matching, context } = request;
    const { find } = await import('../operations/find/find.js');
    const { recordState } = await import('../operations/settings-log/record-state.js');
    const outcome = await withRepository(async (here) => {
      await recordState(here, context.emit);
      const selection = await selectionOf(here, { ...request, flags: {} }, { from: 'all' });
      const present = matching.length === 0;
      return find(here.objects, { selection, present, show: findOutput(flags) }, context);
    });
    await this.finish(outcome);
  }
}
