import { Args, Flags } from '@oclif/core';
import { fromText } from '../lib/bytes.js';
import { BaseCommand } from './base/base-command.js';
import { questionsOf } from './base/plumbing-command.js';
import { surroundings, withRepository } from './base/query-command.js';
import { batchFlags, jsonFlags } from './options/common.js';

export default class Unregisterurl extends BaseCommand {
  static override summary = 'unregisters an url for a key';
  static override args = { key: Args.string(), url: Args.string({ multiple: true }) };
  static override examples = ['git-annex-ts unregisterurl SHA256E-s3--1b35060c https://example.com/file'];
  static override flags = {
    remote: Flags.string({ description: 'remote that is expected to claim the url', helpValue: 'REMOTE' }),
    batch: batchFlags.batch,
    null: batchFlags.null,
    ...jsonFlags,
  };

  async run(): Promise<void> {
    const { flags, operands, context } = await this.request(Unregisterurl);
    const questions = await questionsOf(flags, operands);
    const { registerUrls } = await import('../operations/register-url/register-url.js');
    const { recordState } = await import('../operations/settings-log/record-state.js');
    const remote = flags.remote === undefined ? undefined : fromText(flags.remote);
    const outcome = await withRepository(async (here) => {
      const { known } = await surroundings(here, context, flags);
      const done = await registerUrls(here, known, { questions, type: 'unregister', remote }, context);
      await recordState(here, context.emit);
      return done;
    });
    await this.finish(outcome);
  }
}
