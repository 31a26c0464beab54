import { Args, Flags } from '@oclif/core';
import { fromText } from '../lib/bytes.js';
import { BaseCommand } from './base/base-command.js';
import { runOnContent } from './base/content-command.js';
import { jobsFlag, jsonFlags, keyFlags, timeLimitFlag } from './options/common.js';
import { matchingFlags } from './options/matching.js';

const ONE_OF = ['incremental', 'more', 'incremental-schedule'];
const exclusive = (name: string) => ONE_OF.filter((other) => other !== name);

export default class Fsck extends BaseCommand {
  static override summary = 'find and fix problems';
  static override args = { path: Args.string({ multiple: true }) };
  static override flags = {
    from: Flags.string({ char: 'f', description: 'check that remote', helpValue: 'REMOTE' }),
    incremental: Flags.boolean({
      char: 'S',
      description: 'start an incremental check',
      exclusive: exclusive('incremental'),
    }),
    more: Flags.boolean({
      char: 'm',
      description: 'continue an incremental check',
      exclusive: exclusive('more'),
    }),
    'incremental-schedule': Flags.string({
      description: 'continue, and start anew after that time',
      helpValue: 'TIME',
      exclusive: exclusive('incremental-schedule'),
    }),
    ...keyFlags,
    ...jobsFlag,
    ...jsonFlags,
    ...timeLimitFlag,
    ...matchingFlags,
  };

  async run(): Promise<void> {
    const request = await this.request(Fsck);
    const { flags } = request;
    const { fsck } = await import('../operations/fsck/fsck.js');
    const { parseDuration } = await import('../operations/select/limits.js');
    const option = '--incremental-schedule';
    const schedule = flags['incremental-schedule'];
    const incremental =
      schedule !== undefined
        ? { kind: 'schedule' as const, every: parseDuration(option, schedule) }
        : flags.incremental
          ? { kind: 'start' as const }
          : flags.more
            ? { kind: 'more' as const }
            : undefined;
    const from = flags.from === undefined ? undefined : fromText(flags.from);
    const outcome = await runOnContent(request, (session, selection) =>
      fsck(session, selection, { from, fast: flags.fast, incremental, cwd: fromText(process.cwd()) }),
    );
    await this.finish(outcome);
  }
}
