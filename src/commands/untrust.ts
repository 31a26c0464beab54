import { Args } from '@oclif/core';
import { BaseCommand } from './base/base-command.js';
import { setTrustOf } from './base/trust-command.js';
import { jsonFlags } from './options/common.js';

export default class Untrust extends BaseCommand {
  static override summary = 'do not trust a repository';
  static override args = { remote: Args.string({ multiple: true, description: 'a repository' }) };
  static override flags = { ...jsonFlags };

  async run(): Promise<void> {
    const request = await this.request(Untrust);
    await this.finish(await setTrustOf(request, { command: 'untrust', level: 'untrusted' }));
  }
}
