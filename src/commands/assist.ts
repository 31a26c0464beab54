import { Args, Flags } from '@oclif/core';
import { BaseCommand } from './base/base-command.js';
import { runSync } from './base/sync-command.js';
import { cleanupFlag, exchangeFlags, mergeFlags } from './options/sync.js';
import { syncRequest } from './options/sync-request.js';

export default class Assist extends BaseCommand {
  static override summary = 'add files and sync changes with remotes';
  static override description =
    'Adds new files and commits them with all other changes, then pulls, merges, gets, sends and drops content, and ' +
    'pushes. The whole work tree is meant, unless --content-of says otherwise.';
  static override args = { remote: Args.string({ multiple: true }) };
  static override flags = {
    message: Flags.string({ char: 'm', description: 'commit message', helpValue: 'MSG', multiple: true }),
    ...mergeFlags,
    ...exchangeFlags,
    ...cleanupFlag,
  };

  async run(): Promise<void> {
    const { flags, operands, context } = await this.request(Assist);
    const request = syncRequest(flags, operands, { commit: true, addNew: true });
    await this.finish(await runSync({ command: 'assist', contentByDefault: true }, request, flags, context));
  }
}
