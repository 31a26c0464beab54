import { Args, Flags } from '@oclif/core';
import { fromText } from '../lib/bytes.js';
import { BaseCommand } from './base/base-command.js';
import { runOnContent } from './base/content-command.js';
import { batchFlags, jobsFlag, jsonFlags, keyFlags, sizeLimitFlag, timeLimitFlag } from './options/common.js';
import { matchingFlags } from './options/matching.js';

export default class Drop extends BaseCommand {
  static override summary = 'remove content of files from repository';
  static override args = { path: Args.string({ multiple: true }) };
  static override flags = {
    from: Flags.string({ char: 'f', description: 'drop content from a remote', helpValue: 'REMOTE' }),
    auto: Flags.boolean({ char: 'a', description: 'drop only what is not wanted and has copies enough' }),
    ...keyFlags,
    ...batchFlags,
    ...jobsFlag,
    ...jsonFlags,
    ...timeLimitFlag,
    ...sizeLimitFlag,
    ...matchingFlags,
  };

  async run(): Promise<void> {
    const request = await this.request(Drop);
    const { flags } = request;
    const from = flags.from === undefined ? undefined : fromText(flags.from);
    const { drop } = await import('../operations/drop/drop.js');
    const outcome = await runOnContent(request, (session, selection) =>
      drop(session, selection, { from, auto: flags.auto }),
    );
    await this.finish(outcome);
  }
}
