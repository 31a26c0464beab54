import { Args, Flags } from '@oclif/core';
import { BaseCommand } from './base/base-command.js';
import { runLog } from './base/log-command.js';
import { jsonFlags, keyFlags } from './options/common.js';
import { matchingFlags } from './options/matching.js';

const date = (description: string) => Flags.string({ description, helpValue: 'DATE', multiple: true });

export default class Log extends BaseCommand {
  static override summary = 'shows location log';
  static override args = { path: Args.string({ multiple: true }) };
  static override flags = {
    sizesof: Flags.string({ description: "history of a repository's size", helpValue: 'REMOTE' }),
    sizes: Flags.boolean({ description: 'history of the sizes of all repositories, as CSV' }),
    totalsizes: Flags.boolean({ description: 'history of the size of all repositories together' }),
    interval: Flags.string({ description: 'time between two lines of sizes', helpValue: 'TIME' }),
    received: Flags.boolean({ description: 'show the amount of data received, rather than sizes' }),
    gnuplot: Flags.boolean({ description: 'draw the sizes with gnuplot' }),
    bytes: Flags.boolean({ description: 'show sizes in bytes' }),
    'raw-date': Flags.boolean({ description: 'show seconds since 1970' }),
    since: date('changes after that date'),
    after: date('changes after that date'),
    until: date('changes before that date'),
    before: date('changes before that date'),
    'max-count': Flags.string({ description: 'that many commits', helpValue: 'NUMBER', multiple: true }),
    gource: Flags.boolean({ description: 'write what gource visualises' }),
    ...keyFlags,
    ...jsonFlags,
    ...matchingFlags,
  };
  static override examples = [
    'git annex-ts log photo.jpg',
    'git annex-ts log --all --since="1 month ago"',
    'git annex-ts log --sizes --interval=30d',
  ];

  async run(): Promise<void> {
    await this.finish(await runLog(await this.request(Log)));
  }
}
