import { Args, Flags } from '@oclif/core';
import { fromText } from '../lib/bytes.js';
import { BaseCommand } from './base/base-command.js';
import { runOnContent } from './base/content-command.js';
import { transferFlags } from './options/transfer.js';

export default class Get extends BaseCommand {
  static override summary = 'make content of annexed files available';
  static override args = { path: Args.string({ multiple: true }) };
  static override flags = {
    from: Flags.string({ char: 'f', description: 'source remote', helpValue: 'REMOTE' }),
    auto: Flags.boolean({ char: 'a', description: 'get only files that are wanted or lack copies' }),
    incomplete: Flags.boolean({ description: 'resume previous downloads' }),
    ...transferFlags,
  };

  async run(): Promise<void> {
    const request = await this.request(Get);
    const { flags } = request;
    const from = flags.from === undefined ? undefined : fromText(flags.from);
    const { get } = await import('../operations/get/get.js');
    const outcome = await runOnContent({ ...request, directions: ['download'] }, (session, selection) =>
      get(session, selection, { command: 'get', from, auto: flags.auto }),
    );
    await this.finish(outcome);
  }
}
