import { Args, Flags } from '@oclif/core';
import { fromText } from '../lib/bytes.js';
import { BaseCommand } from './base/base-command.js';
import { findOutput } from './base/find-output.js';
import { objectsFromHere, questionsOf } from './base/plumbing-command.js';
import { batchFlags, jsonFlags } from './options/common.js';

export default class Examinekey extends BaseCommand {
  static override summary = 'prints information from a key';
  static override args = { key: Args.string({ multiple: true }) };
  static override flags = {
    format: Flags.string({ description: 'control the output', helpValue: 'FORMAT' }),
    'migrate-to-backend': Flags.string({
      description: 'migrate keys to a backend where that needs no hashing',
      helpValue: 'BACKEND',
    }),
    filename: Flags.string({ description: 'the name of a file with that key', helpValue: 'FILE' }),
    batch: batchFlags.batch,
    null: batchFlags.null,
    ...jsonFlags,
  };

  async run(): Promise<void> {
    const { flags, operands, context } = await this.request(Examinekey);
    const questions = await questionsOf(flags, operands);
    const { examineKey } = await import('../operations/keys-info/examine-key.js');
    const word = (text: string | undefined) => (text === undefined ? undefined : fromText(text));
    const request = {
      questions,
      objects: await objectsFromHere(),
      migrateTo: word(flags['migrate-to-backend']),
      file: word(flags.filename),
      show: findOutput(flags),
    };
    await examineKey(request, context.emit);
  }
}
