import { Args, Flags } from '@oclif/core';
import { fromText } from '../lib/bytes.js';
import { BaseCommand } from './base/base-command.js';
import { currentDirectory, withRepository } from './base/query-command.js';
import { backendFlag, jsonFlags } from './options/common.js';

export default class Reinject extends BaseCommand {
  static override summary = 'inject content of file back into annex';
  static override args = {
    path: Args.string({
      multiple: true,
      description: 'SRC DEST ..., or with --known or --guesskeys SRC ...',
    }),
  };
  static override examples = [
    'git-annex-ts reinject /tmp/photo.jpg photo.jpg',
    'git-annex-ts reinject --known /media/backup/*.jpg',
  ];
  static override flags = {
    known: Flags.boolean({ description: 'inject all known files', exclusive: ['guesskeys'] }),
    guesskeys: Flags.boolean({ description: 'inject files that are named like keys' }),
    ...backendFlag,
    ...jsonFlags,
  };

  async run(): Promise<void> {
    const { flags, operands, context } = await this.request(Reinject);
    const { reinject } = await import('../operations/reinject/reinject.js');
    const mode = flags.known ? 'known' : flags.guesskeys ? 'guess' : 'into';
    const backend = flags.backend === undefined ? undefined : fromText(flags.backend);
    const request = { mode, operands, backend, cwd: currentDirectory() } as const;
    await this.finish(await withRepository((here) => reinject(here, request, context)));
  }
}
