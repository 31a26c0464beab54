import { Args } from '@oclif/core';
import { BaseCommand } from './base/base-command.js';
import { selectionOf, withWorkTree } from './base/query-command.js';
import { jsonFlags } from './options/common.js';
import { matchingFlags } from './options/matching.js';

export default class Edit extends BaseCommand {
  static override summary = 'same as unlock';
  static override examples = ['git annex-ts edit photo.jpg'];
  static override args = { path: Args.string({ multiple: true }) };
  static override flags = { ...jsonFlags, ...matchingFlags };

  async run(): Promise<void> {
    const request = await this.request(Edit);
    const { unlock } = await import('../operations/unlock/unlock.js');
    const outcome = await withWorkTree(async (here) =>
      unlock(here, await selectionOf(here, request), request.context),
    );
    await this.finish(outcome);
  }
}
