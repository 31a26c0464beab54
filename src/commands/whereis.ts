import { Args, Flags } from '@oclif/core';
import { type ByteString, fromText } from '../lib/bytes.js';
import { parseFormat } from '../lib/format-string.js';
import { quoteName } from '../lib/quote-name.js';
import { BaseCommand } from './base/base-command.js';
import { selectionOf, surroundings, withRepository } from './base/query-command.js';
import { batchFlags, jsonFlags, keyFlags } from './options/common.js';
import { matchingFlags } from './options/matching.js';

export default class Whereis extends BaseCommand {
  static override summary = 'lists repositories that have file content';
  static override args = { path: Args.string({ multiple: true }) };
  static override flags = {
    format: Flags.string({ description: 'control the output', helpValue: 'FORMAT' }),
    ...keyFlags,
    ...batchFlags,
    ...jsonFlags,
    ...matchingFlags,
  };

  async run(): Promise<void> {
    const request = await this.request(Whereis);
    const { flags, context } = request;
    const format = flags.format === undefined ? undefined : parseFormat(fromText(flags.format));
    const { whereis } = await import('../operations/whereis/whereis.js');
    const outcome = await withRepository(async (here) => {
      const { known } = await surroundings(here, context, flags);
      const selection = await selectionOf(here, request);
      const quotePath = () => here.settings.bool('core.quotepath', true);
      const quote = (name: ByteString) => quoteName(name, quotePath);
      return whereis(here.branch, known, { selection, format, quote }, context);
    });
    await this.finish(outcome);
  }
}
