import { Args } from '@oclif/core';
import { BaseCommand } from './base/base-command.js';
import { selectionOf, withWorkTree } from './base/query-command.js';
import { jsonFlags } from './options/common.js';
import { matchingFlags } from './options/matching.js';

export default class Lock extends BaseCommand {
  static override summary = 'undo unlock command';
  static override examples = ['git annex-ts lock', 'git annex-ts lock --force photo.jpg'];
  static override args = { path: Args.string({ multiple: true }) };
  static override flags = { ...jsonFlags, ...matchingFlags };

  async run(): Promise<void> {
    const request = await this.request(Lock);
    const { lock } = await import('../operations/lock/lock.js');
    const outcome = await withWorkTree(async (here) =>
      lock(here, await selectionOf(here, request), { force: request.flags.force === true }, request.context),
    );
    await this.finish(outcome);
  }
}
