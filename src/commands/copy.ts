import { Args, Flags } from '@oclif/core';
import { fromText } from '../lib/bytes.js';
import { BaseCommand } from './base/base-command.js';
import { runOnContent } from './base/content-command.js';
import { transferFlags } from './options/transfer.js';

export default class Copy extends BaseCommand {
  static override summary = 'copy content of files to/from another repository';
  static override args = { path: Args.string({ multiple: true }) };
  static override flags = {
    from: Flags.string({ char: 'f', description: 'source remote', helpValue: 'REMOTE' }),
    to: Flags.string({ char: 't', description: 'destination remote', helpValue: 'REMOTE' }),
    'from-anywhere': Flags.boolean({ description: 'from any remote, and from here' }),
    auto: Flags.boolean({ char: 'a', description: 'copy only what is wanted or lacks copies' }),
    ...transferFlags,
  };

  async run(): Promise<void> {
    const request = await this.request(Copy);
    const { flags } = request;
    const word = (given: string | undefined) => (given === undefined ? undefined : fromText(given));
    const { copy } = await import('../operations/copy/copy.js');
    const outcome = await runOnContent(request, (session, selection) =>
      copy(session, selection, {
        from: word(flags.from),
        to: word(flags.to),
        fromAnywhere: flags['from-anywhere'],
        auto: flags.auto,
        fast: flags.fast,
      }),
    );
    await this.finish(outcome);
  }
}
