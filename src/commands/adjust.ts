import { Flags } from '@oclif/core';
import type { Adjustment } from '../domain/adjusted-branch.js';
import { AnnexError } from '../domain/errors.js';
import { fromText } from '../lib/bytes.js';
import { BaseCommand } from './base/base-command.js';

export default class Adjust extends BaseCommand {
  static override summary = 'enter adjusted branch';
  static override description =
    'Checks out an adjusted form of the current branch, in which annexed files are treated differently. Commits made ' +
    'there get to the original branch with the next sync. Run again in the adjusted branch, it brings that up to date.';
  static override examples = [
    'git annex-ts adjust --unlock',
    'git annex-ts adjust --hide-missing --unlock',
    'git checkout master   (to leave it again)',
  ];
  static override flags = {
    unlock: Flags.boolean({ description: 'unlock all annexed files' }),
    lock: Flags.boolean({ description: 'lock all annexed files' }),
    fix: Flags.boolean({ description: 'fix the links to annexed files' }),
    'hide-missing': Flags.boolean({ description: 'hide annexed files whose content is not here' }),
    'unlock-present': Flags.boolean({
      description: 'unlock files whose content is here, and lock the others',
    }),
  };

  async run(): Promise<void> {
    const { flags, context } = await this.request(Adjust);
    const adjustment = adjustmentOf(flags);
    const { openRepository } = await import('../operations/open-repository.js');
    const { adjust } = await import('../operations/adjusted/adjust.js');
    const repository = await openRepository(fromText(process.cwd()));
    try {
      await this.finish(await adjust(repository, { adjustment, force: flags.force === true }, context));
    } finally {
      await repository.close();
    }
  }
}

function adjustmentOf(flags: { readonly [name: string]: unknown }): Adjustment {
  const given = (['unlock', 'lock', 'fix'] as const).filter((name) => flags[name] === true);
  const hides = flags['hide-missing'] === true;
  const present = flags['unlock-present'] === true;
  if (given.length > 1 || (present && (hides || given.length > 0)))
    throw new AnnexError('usage', 'these options cannot be combined');
  if (!hides && !present && given.length === 0)
    throw new AnnexError(
      'usage',
      'Missing: ((--unlock | --lock | --fix | --hide-missing) | --unlock-present)',
    );
  if (present) return { presence: 'unlockpresent' };
  const words = { unlock: 'unlocked', lock: 'locked', fix: 'fixed' } as const;
  const [name] = given;
  return {
    ...(name === undefined ? {} : { links: words[name] }),
    ...(hides ? { presence: 'hidemissing' } : {}),
  };
}
