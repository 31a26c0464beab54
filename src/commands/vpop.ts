import { Args } from '@oclif/core';
import { AnnexError } from '../domain/errors.js';
import { BaseCommand } from './base/base-command.js';
import { withRepository } from './base/query-command.js';

export default class Vpop extends BaseCommand {
  static override summary = 'switch back to previous view';
  static override args = { number: Args.string({ description: 'how many views to pop' }) };
  static override examples = ['git-annex-ts vpop', 'git-annex-ts vpop 2'];

  async run(): Promise<void> {
    const { operands, context } = await this.request(Vpop);
    const [word = '1'] = operands;
    if (!/^[1-9]\d{0,8}$/.test(word)) throw new AnnexError('usage', 'bad number of views to pop');
    const { popView } = await import('../operations/view/views.js');
    await this.finish(await withRepository((here) => popView(here, Number(word), context)));
  }
}
