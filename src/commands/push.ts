import { Args } from '@oclif/core';
import { BaseCommand } from './base/base-command.js';
import { runSync } from './base/sync-command.js';
import { cleanupFlag, exchangeFlags } from './options/sync.js';
import { syncRequest } from './options/sync-request.js';

export default class Push extends BaseCommand {
  static override summary = 'push content to remotes';
  static override args = { remote: Args.string({ multiple: true }) };
  static override flags = { ...exchangeFlags, ...cleanupFlag };

  async run(): Promise<void> {
    const { flags, operands, context } = await this.request(Push);
    const request = syncRequest(flags, operands, { commit: false, pull: false });
    await this.finish(await runSync({ command: 'push', contentByDefault: true }, request, flags, context));
  }
}
