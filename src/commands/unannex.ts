import { Args } from '@oclif/core';
import { BaseCommand } from './base/base-command.js';
import { selectionOf, withWorkTree } from './base/query-command.js';
import { jsonFlags } from './options/common.js';
import { matchingFlags } from './options/matching.js';

export default class Unannex extends BaseCommand {
  static override summary = 'undo accidental add command';
  static override description =
    'The contents stay in the annex too. `--fast` makes hard links to them instead of copies: to change such a file ' +
    'changes the content in the annex.';
  static override examples = ['git annex-ts unannex photo.jpg', 'git annex-ts unannex --fast big.iso'];
  static override args = { path: Args.string({ multiple: true }) };
  static override flags = { ...jsonFlags, ...matchingFlags };

  async run(): Promise<void> {
    const request = await this.request(Unannex);
    const { unannex } = await import('../operations/unannex/unannex.js');
    const fast = request.flags.fast === true;
    const outcome = await withWorkTree(async (here) =>
      unannex(here, await selectionOf(here, request), { fast }, request.context),
    );
    await this.finish(outcome);
  }
}
