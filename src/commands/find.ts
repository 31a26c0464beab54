import { Args, Flags } from '@oclif/core';
import { AnnexError } from '../domain/errors.js';
import { BaseCommand } from './base/base-command.js';
import { findOutput } from './base/find-output.js';
import { selectionOf, withRepository } from './base/query-command.js';
import { batchFlags, jsonFlags, keyFlags } from './options/common.js';
import { matchingFlags } from './options/matching.js';

export default class Find extends BaseCommand {
  static override summary = 'lists available files';
  static override description =
    'Without matching options, files whose content is present are listed; `--anything` lists all.';
  static override args = { path: Args.string({ multiple: true }) };
  static override flags = {
    format: Flags.string({ description: 'control the output', helpValue: 'FORMAT', exclusive: ['print0'] }),
    print0: Flags.boolean({ description: 'end names with a NUL byte', exclusive: ['format'] }),
    branch: keyFlags.branch,
    batch: batchFlags.batch,
    null: batchFlags.null,
    ...jsonFlags,
    ...matchingFlags,
  };

  async run(): Promise<void> {
    const request = await this.request(Find);
    const { flags, matching, context } = request;
    const { find } = await import('../operations/find/find.js');
    const outcome = await withRepository(async (here) => {
      if (here.location.workTree === undefined && !flags.branch) {
        throw new AnnexError('usage', 'You cannot run this command in a bare repository.');
      }
      const selection = await selectionOf(here, request);
      const present = matching.length === 0;
      return find(here.objects, { selection, present, show: findOutput(flags) }, context);
    });
    await this.finish(outcome);
  }
}
