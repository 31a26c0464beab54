import { Args } from '@oclif/core';
import { BaseCommand } from './base/base-command.js';
import { runSync } from './base/sync-command.js';
import { exchangeFlags, mergeFlags } from './options/sync.js';
import { syncRequest } from './options/sync-request.js';

export default class Pull extends BaseCommand {
  static override summary = 'pull content from remotes';
  static override args = { remote: Args.string({ multiple: true }) };
  static override flags = { ...mergeFlags, ...exchangeFlags };

  async run(): Promise<void> {
    const { flags, operands, context } = await this.request(Pull);
    const request = syncRequest(flags, operands, { commit: false, push: false });
    await this.finish(await runSync({ command: 'pull', contentByDefault: true }, request, flags, context));
  }
}
