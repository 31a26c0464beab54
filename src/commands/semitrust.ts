import { Args } from '@oclif/core';
import { BaseCommand } from './base/base-command.js';
import { setTrustOf } from './base/trust-command.js';
import { jsonFlags } from './options/common.js';

export default class Semitrust extends BaseCommand {
  static override summary = 'return repository to default trust level';
  static override args = { remote: Args.string({ multiple: true, description: 'a repository' }) };
  static override flags = { ...jsonFlags };

  async run(): Promise<void> {
    const request = await this.request(Semitrust);
    await this.finish(await setTrustOf(request, { command: 'semitrust', level: 'semitrusted' }));
  }
}
