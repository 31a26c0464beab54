import { Args } from '@oclif/core';
import { BaseCommand } from './base/base-command.js';
import { selectionOf, withWorkTree } from './base/query-command.js';
import { jsonFlags } from './options/common.js';
import { matchingFlags } from './options/matching.js';

export default class Fix extends BaseCommand {
  static override summary = 'fix up links to annexed content';
  static override examples = ['git annex-ts fix', 'git annex-ts fix moved/photo.jpg'];
  static override args = { path: Args.string({ multiple: true }) };
  static override flags = { ...jsonFlags, ...matchingFlags };

  async run(): Promise<void> {
    const request = await this.request(Fix);
    const { fix } = await import('../operations/fix/fix.js');
    const outcome = await withWorkTree(async (here) =>
      fix(here, await selectionOf(here, request), request.context),
    );
    await this.finish(outcome);
  }
}
