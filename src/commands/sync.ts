import { Args, Flags } from '@oclif/core';
import { BaseCommand } from './base/base-command.js';
import { runSync } from './base/sync-command.js';
import { cleanupFlag, exchangeFlags, mergeFlags, retryFlag } from './options/sync.js';
import { syncRequest } from './options/sync-request.js';

export default class Sync extends BaseCommand {
  static override summary = 'synchronize local repository with remotes';
  static override description =
    'Commits changes to files that are in the repository, merges what the remotes have, pushes to them, and with ' +
    '--content gets and sends the content of annexed files.\n\n' +
    'What fails is remembered for --retry. A remote that keeps failing is asked less and less often by runs that nobody ' +
    'watches: those with --quiet or --retry, and those of the post-commit hook. Naming a remote asks it at once.\n\n' +
    'One sync of a repository runs at a time; others wait, as long as --wait says. With --quiet nothing is printed unless ' +
    'something failed.';
  /** git config that only this program knows; shown in the manual. */
  static settings = {
    'annex-ts.remote-timeout': 'Seconds to wait for a remote that does not answer; default 30.',
    'annex-ts.backoff-limit':
      'Seconds for which --quiet, --retry and the hook leave a remote alone at most that keeps failing; default 3600. They ' +
      'begin with a minute and double it. 0: they always ask.',
    'annex-ts.changed-command':
      'Shell command that is told what a sync changed: JSON on its standard input (refs before and after, files got, ' +
      'sent and dropped, remotes). It is run after each sync that changed something, as is the executable ' +
      'hooks/annex-changed in the git directory. The sync does not wait for them. Only git config can set it. What they ' +
      'print is in annex/annex-ts/changed.log.',
    'annex-ts.changed-timeout':
      'Seconds these may take before they and what they started are ended; default 60.',
    'annex-ts.hook-delay':
      'Seconds without a further commit that the hook of `init --hooks` waits for before it syncs; default 1.',
  };
  static override examples = [
    'git annex-ts sync --content',
    'git annex-ts sync --quiet --no-wait',
    'git annex-ts sync --retry --quiet',
  ];
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
