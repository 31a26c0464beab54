import { Args, Flags } from '@oclif/core';
import { AnnexError } from '../domain/errors.js';
import { fromText } from '../lib/bytes.js';
import { BaseCommand } from './base/base-command.js';
import { withRepository } from './base/query-command.js';
import { setTrustOf } from './base/trust-command.js';
import { jsonFlags } from './options/common.js';

export default class Dead extends BaseCommand {
  static override summary = 'hide a lost repository or key';
  static override args = { remote: Args.string({ multiple: true, description: 'a repository' }) };
  static override flags = {
    key: Flags.string({ description: 'a key that is lost', helpValue: 'KEY', multiple: true }),
    ...jsonFlags,
  };

  async run(): Promise<void> {
    const request = await this.request(Dead);
    const { flags, operands, context } = request;
    const keys = flags.key?.map(fromText) ?? [];
    if (keys.length === 0) {
      await this.finish(await setTrustOf(request, { command: 'dead', level: 'dead' }));
      return;
    }
    if (operands.length > 0) throw new AnnexError('usage', 'Cannot combine --key with repositories.');
    const { markKeysDead } = await import('../operations/settings-log/dead-keys.js');
    await this.finish(await withRepository((here) => markKeysDead(here, keys, context)));
  }
}
