import { Args } from '@oclif/core';
import { BaseCommand } from './base/base-command.js';
import { surroundings, withRepository } from './base/query-command.js';

export default class Schedule extends BaseCommand {
  static override summary = 'get or set scheduled jobs';
  static override args = {
    remote: Args.string({ description: 'a repository' }),
    jobs: Args.string({ multiple: true, description: 'separated by "; "; shown when not given' }),
  };
  static override flags = {};
  static override examples = ['git annex-ts schedule here "fsck self 1h every month at 3 AM"'];

  async run(): Promise<void> {
    const { operands, context } = await this.request(Schedule);
    const { schedule } = await import('../operations/settings-log/schedule.js');
    const outcome = await withRepository(async (here) => {
      const { known } = await surroundings(here, context, {});
      return schedule(here, known, operands, context);
    });
    await this.finish(outcome);
  }
}
