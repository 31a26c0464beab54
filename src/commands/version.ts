import { Flags } from '@oclif/core';
import { fromText } from '../lib/bytes.js';
import { BaseCommand } from './base/base-command.js';
import { COMPATIBLE_WITH, versionText } from './base/program-version.js';

export default class Version extends BaseCommand {
  static override summary = 'show version info';
  static override description =
    'The first line names the git-annex release whose formats and behaviour this program follows, where scripts ' +
    'look for it. The version of this program itself comes second.';
  static override flags = {
    raw: Flags.boolean({ description: 'print the compatible git-annex version and nothing else' }),
  };

  async run(): Promise<void> {
    const { flags, context } = await this.request(Version);
    const text = flags.raw ? COMPATIBLE_WITH : versionText(this.config.version);
    context.emit({ type: 'output', bytes: fromText(text) });
  }
}
