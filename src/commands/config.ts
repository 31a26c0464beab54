import { Args, Flags } from '@oclif/core';
import { AnnexError } from '../domain/errors.js';
import { fromText } from '../lib/bytes.js';
import { BaseCommand } from './base/base-command.js';
import { currentDirectory, withRepository } from './base/query-command.js';

const USAGE = 'Missing: (--set NAME VALUE | --get NAME | --unset NAME | --show-origin NAME)';

export default class Config extends BaseCommand {
  static override summary = 'configuration stored in git-annex branch';
  static override args = { value: Args.string({ description: 'the value for --set' }) };
  static override flags = {
    set: Flags.string({ description: 'set configuration', helpValue: 'NAME' }),
    get: Flags.string({ description: 'get configuration', helpValue: 'NAME' }),
    unset: Flags.string({ description: 'unset configuration', helpValue: 'NAME' }),
    'show-origin': Flags.string({ description: 'explain where a value is configured', helpValue: 'NAME' }),
    'for-file': Flags.string({ description: 'the file whose gitattributes count', helpValue: 'FILE' }),
  };

  async run(): Promise<void> {
    const { flags, operands, context } = await this.request(Config);
    const given = (['set', 'get', 'unset', 'show-origin'] as const).filter((one) => flags[one] !== undefined);
    const [what] = given;
    if (what === undefined || given.length > 1) throw new AnnexError('usage', USAGE);
    const [value] = operands;
    if (what === 'set' && value === undefined) throw new AnnexError('usage', 'Missing: VALUE');
    if (what !== 'set' && value !== undefined) throw new AnnexError('usage', `Invalid argument \`${value}'`);
    const name = fromText(flags[what] ?? '');
    const { changeConfig, getConfig } = await import('../operations/settings-log/config.js');
    const { showOrigin } = await import('../operations/settings-log/config-origin.js');
    const outcome = await withRepository((here) => {
      if (what === 'get') return getConfig(here.branch, name, context);
      if (what !== 'show-origin') return changeConfig(here, { name, value }, context);
      const file = flags['for-file'] === undefined ? undefined : fromText(flags['for-file']);
      return showOrigin(here, { name, file, cwd: currentDirectory() }, context);
    });
    await this.finish(outcome);
  }
}
