import { Args, Flags } from '@oclif/core';
import { BaseCommand } from './base/base-command.js';
import { metadataWork } from './base/metadata-work.js';
import {
  currentDirectory,
  selectionOf,
  standardInput,
  surroundings,
  withRepository,
} from './base/query-command.js';
import { batchFlags, jsonFlags, keyFlags } from './options/common.js';
import { matchingFlags } from './options/matching.js';

const several = (char: 's' | 'r' | 't' | 'u', description: string, helpValue: string) =>
  Flags.string({ char, description, helpValue, multiple: true });

export default class MetadataCommand extends BaseCommand {
  static override summary = 'sets or gets metadata of a file';
  static override args = { path: Args.string({ multiple: true }) };
  static override examples = [
    'git-annex-ts metadata talk.ogv -t video -s author+=Alice',
    'git-annex-ts metadata talk.ogv --get author',
    'git-annex-ts metadata --all --json',
  ];
  static override flags = {
    get: Flags.string({ char: 'g', description: 'get the values of a field', helpValue: 'FIELD' }),
    set: several(
      's',
      'set, add (+=), remove (-=) a value, or set it if there is none (?=)',
      'FIELD[+-?]=VALUE',
    ),
    tag: several('t', 'set a tag', 'TAG'),
    untag: Flags.string({
      char: 'u',
      aliases: ['unset'],
      description: 'unset a tag',
      helpValue: 'TAG',
      multiple: true,
    }),
    remove: several('r', 'remove all values of a field', 'FIELD'),
    'remove-all': Flags.boolean({ description: 'remove all metadata' }),
    ...keyFlags,
    batch: batchFlags.batch,
    null: batchFlags.null,
    ...jsonFlags,
    ...matchingFlags,
  };

  async run(): Promise<void> {
    const request = await this.request(MetadataCommand);
    const { flags, operands, context } = request;
    const work = metadataWork(flags, operands);
    const { metadata } = await import('../operations/metadata/metadata.js');
    const { metadataBatch } = await import('../operations/metadata/metadata-batch.js');
    const { recordState } = await import('../operations/settings-log/record-state.js');
    const outcome = await withRepository(async (here) => {
      await surroundings(here, context, flags);
      const done =
        work === 'batch'
          ? await metadataBatch(here, await standardInput(flags), currentDirectory(), context)
          : await metadata(here, await selectionOf(here, request), work, context);
      await recordState(here, context.emit);
      return done;
    });
    await this.finish(outcome);
  }
}
