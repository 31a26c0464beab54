import { Args, Flags } from '@oclif/core';
import { AnnexError } from '../domain/errors.js';
import { type ByteString, fromText } from '../lib/bytes.js';
import { BaseCommand } from './base/base-command.js';
import { jsonFlags } from './options/common.js';

export default class Init extends BaseCommand {
  static override summary = 'initialize git-annex';
  static override description =
    'Prepares a git repository for the annex: gives it a uuid, records its description, and installs the filters and ' +
    'hooks. It may be run again to change the description.';
  static override examples = [
    'git annex-ts init',
    'git annex-ts init "usb drive"',
    'git annex-ts init --hooks',
  ];
  static override args = {
    description: Args.string({ multiple: true, description: 'what to call this repository' }),
  };
  static override flags = {
    version: Flags.string({ description: 'repository version: 8, 9 or 10', helpValue: 'VALUE' }),
    autoenable: Flags.boolean({ description: 'only enable special remotes that are marked for it' }),
    'no-autoenable': Flags.boolean({ description: 'do not enable special remotes' }),
    hooks: Flags.boolean({
      description: 'install, or remove, a post-commit hook that syncs in the background after each commit',
      allowNo: true,
    }),
    ...jsonFlags,
  };

  async run(): Promise<void> {
    const { flags, operands, context } = await this.request(Init);
    const { initRepository } = await import('../operations/init/init.js');
    const version = flags.version === undefined ? undefined : versionNumber(flags.version);
    const description = operands.length === 0 ? undefined : (operands.join(' ') as ByteString);
    const autoenable = flags['no-autoenable'] ? 'never' : flags.autoenable ? 'only' : 'also';
    const folder = fromText(process.cwd());
    await this.finish(
      await initRepository({ folder, description, version, autoenable, hooks: flags.hooks }, context),
    );
  }
}

function versionNumber(text: string): number {
  if (/^(?:[0-9]|10)$/.test(text)) return Number(text);
  throw new AnnexError('usage', `option --version: ${text} is not a currently supported repository version`);
}
