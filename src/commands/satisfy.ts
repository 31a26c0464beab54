import { Args } from '@oclif/core';
import { BaseCommand } from './base/base-command.js';
import { runSync } from './base/sync-command.js';
import { contentFlags } from './options/sync.js';
import { syncRequest } from './options/sync-request.js';

export default class Satisfy extends BaseCommand {
  static override summary = 'transfer and drop content as configured';
  static override description =
    'Gets, sends and drops content as the preferred content of this repository and of the remotes has it: what ' +
    'sync --content does, without commits, pulls and pushes.';
  static override args = { remote: Args.string({ multiple: true }) };
  static override flags = contentFlags;

  async run(): Promise<void> {
    const { flags, operands, context } = await this.request(Satisfy);
    const request = { ...syncRequest(flags, operands, { commit: false }), content: true };
    await this.finish(await runSync({ command: 'satisfy', contentByDefault: true }, request, flags, context));
  }
}
