import { Args, Flags } from '@oclif/core';
import type { ByteString } from '../lib/bytes.js';
import { quoteName } from '../lib/quote-name.js';
import { BaseCommand } from './base/base-command.js';
import { currentDirectory, withWorkTree } from './base/query-command.js';
import { jsonFlags } from './options/common.js';

export default class Status extends BaseCommand {
  static override summary = 'show the working tree status';
  static override description =
    'One line a file: ? not known to git, D deleted, M modified, A added, T unlocked, locked or of another kind.';
  static override examples = ['git annex-ts status', 'git annex-ts status --json documents'];
  static override args = { path: Args.string({ multiple: true }) };
  static override flags = {
    'ignore-submodules': Flags.string({ description: 'passed on to git status', helpValue: 'WHEN' }),
    ...jsonFlags,
  };

  async run(): Promise<void> {
    const { flags, operands, context } = await this.request(Status);
    const { status } = await import('../operations/status/status.js');
    const outcome = await withWorkTree(async (here) => {
      const quotePath = here.settings.bool('core.quotepath', true);
      const print = (letter: string, name: ByteString) =>
        `${letter} ${quoteName(name, () => quotePath)}\n` as ByteString;
      const ignoreSubmodules = flags['ignore-submodules'];
      const request = { operands, cwd: currentDirectory(), ignoreSubmodules };
      return status(here, flags.json ? request : { ...request, print }, context);
    });
    await this.finish(outcome);
  }
}
