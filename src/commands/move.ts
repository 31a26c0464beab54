import { Args, Flags } from '@oclif/core';
import { fromText } from '../lib/bytes.js';
import { BaseCommand } from './base/base-command.js';
import { runOnContent } from './base/content-command.js';
import { transferFlags } from './options/transfer.js';

export default class Move extends BaseCommand {
  static override summary = 'move content of files to/from another repository';
  static override args = { path: Args.string({ multiple: true }) };
  static override flags = {
    from: Flags.string({ char: 'f', description: 'source remote', helpValue: 'REMOTE' }),
    to: Flags.string({ char: 't', description: 'destination remote', helpValue: 'REMOTE' }),
    'from-anywhere': Flags.boolean({ description: 'from any remote, and from here' }),
    ...transferFlags,
  };

  async run(): Promise<void> {
    const request = await this.request(Move);
    const { flags } = request;
    const word = (given: string | undefined) => (given === undefined ? undefined : fromText(given));
    const { move } = await import('../operations/move/move.js');
    const outcome = await runOnContent(request, (session, selection) =>
      move(session, selection, {
        from: word(flags.from),
        to: word(flags.to),
        fromAnywhere: flags['from-anywhere'],
      }),
    );
    await this.finish(outcome);
  }
}
