import { Args, Flags } from '@oclif/core';
import { AnnexError } from '../domain/errors.js';
import { fromText } from '../lib/bytes.js';
import { BaseCommand } from './base/base-command.js';
import { selectionOf, withRepository } from './base/query-command.js';
import { backendFlag, jsonFlags } from './options/common.js';
import { matchingFlags } from './options/matching.js';

export default class Migrate extends BaseCommand {
  static override summary = 'switch data to different backend';
  static override args = { path: Args.string({ multiple: true }) };
  static override examples = [
    'git-annex-ts migrate --backend=SHA512E photos',
    'git-annex-ts migrate --update',
    'git-annex-ts migrate --remove-size old.iso',
  ];
  static override flags = {
    update: Flags.boolean({ description: 'do what was migrated elsewhere since the last time' }),
    apply: Flags.boolean({ description: 'do all that was migrated elsewhere' }),
    'remove-size': Flags.boolean({ description: 'remove the size from keys' }),
    ...backendFlag,
    ...jsonFlags,
    ...matchingFlags,
  };

  async run(): Promise<void> {
    const request = await this.request(Migrate);
    const { flags, operands, context } = request;
    if (flags.update || flags.apply) {
      if (operands.length > 0) {
        throw new AnnexError('usage', 'Cannot combine --update or --apply with files to migrate.');
      }
      const { applyMigrations } = await import('../operations/migrate/apply-migrations.js');
      return this.finish(await withRepository((here) => applyMigrations(here, flags.apply, context)));
    }
    const { migrate } = await import('../operations/migrate/migrate.js');
    const backend = flags.backend === undefined ? undefined : fromText(flags.backend);
    const wishes = { backend, removeSize: flags['remove-size'], force: flags.force };
    const outcome = await withRepository(async (here) =>
      migrate(here, await selectionOf(here, { ...request, flags: {} }), wishes, context),
    );
    await this.finish(outcome);
  }
}
