import { Args, Flags } from '@oclif/core';
import { BaseCommand } from './base/base-command.js';
import { runSync } from './base/sync-command.js';
import { cleanupFlag, exchangeFlags, mergeFlags, retryFlag } from './options/sync.js';
import { syncRequest } from './options/sync-request.js';

export default class Sync extends BaseCommand {
  static override summary = 'synchronize local repository with remotes';
  static override description =
    'Commits changes to files that are in the repository, merges what the remotes have, pushes to them, and with ' +
    '--content gets and sends the content of annexed files.';
  static override args = { remote: Args.string({ multiple: true }) };
  static override flags = {
    commit: Flags.boolean({ description: 'commit changes first (the default)', allowNo: true }),
    message: Flags.string({ char: 'm', description: 'commit message', helpValue: 'MSG', multiple: true }),
    pull: Flags.boolean({ description: 'pull from remotes (the default)', allowNo: true }),
    push: Flags.boolean({ description: 'push to remotes (the default)', allowNo: true }),
    ...mergeFlags,
    ...exchangeFlags,
    ...cleanupFlag,
    ...retryFlag,
  };

  async run(): Promise<void> {
    const { flags, operands, context } = await this.request(Sync);
    const request = syncRequest(flags, operands, {});
    await this.finish(await runSync({ command: 'sync', contentByDefault: false }, request, flags, context));
  }
}
