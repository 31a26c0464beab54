import { Args, Flags } from '@oclif/core';
import { fromText } from '../lib/bytes.js';
import { BaseCommand } from './base/base-command.js';
import { runOnContent } from './base/content-command.js';
import { jobsFlag, jsonFlags } from './options/common.js';

export default class Dropunused extends BaseCommand {
  static override summary = 'drop unused file content';
  static override args = {
    number: Args.string({ multiple: true, description: 'numbers or ranges given by unused, or all' }),
  };
  static override examples = ['git-annex-ts dropunused 1-1000', 'git-annex-ts dropunused all --from backup'];
  static override flags = {
    from: Flags.string({ char: 'f', description: 'drop content from a remote', helpValue: 'REMOTE' }),
    ...jobsFlag,
    ...jsonFlags,
  };

  async run(): Promise<void> {
    const request = await this.request(Dropunused);
    const { flags, operands } = request;
    const from = flags.from === undefined ? undefined : fromText(flags.from);
    const { dropUnused } = await import('../operations/drop-unused/drop-unused.js');
    const outcome = await runOnContent({ ...request, operands: [] }, (session) =>
      dropUnused(session, { from, words: operands }),
    );
    await this.finish(outcome);
  }
}
