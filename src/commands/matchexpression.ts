import { Args, Flags } from '@oclif/core';
import { AnnexError } from '../domain/errors.js';
import { fromText } from '../lib/bytes.js';
import { BaseCommand } from './base/base-command.js';
import { withRepository } from './base/query-command.js';

/** Too little is known to tell. */
const UNKNOWN = 42;

export default class Matchexpression extends BaseCommand {
  static override summary = 'checks if a preferred content expression matches';
  static override description =
    'Exits 0 when the expression matches the given data, 1 when it does not, and 42 when too little data was given.';
  static override examples = [
    '<%= config.bin %> matchexpression "include=*.png and largerthan=1mb" --file=foo.png --size=10mb',
  ];
  static override args = { expression: Args.string({ required: true }) };
  static override flags = {
    largefiles: Flags.boolean({ description: 'parse it as an annex.largefiles expression' }),
    file: Flags.string({ description: 'the name of the file, which need not exist', helpValue: 'FILE' }),
    key: Flags.string({ description: 'the key, for terms such as copies= and present', helpValue: 'KEY' }),
    size: Flags.string({ description: 'the size of the file', helpValue: 'SIZE' }),
    mimetype: Flags.string({ description: 'the mime type of the file', helpValue: 'TYPE' }),
    mimeencoding: Flags.string({ description: 'the mime encoding of the file', helpValue: 'ENCODING' }),
  };

  async run(): Promise<void> {
    const { flags, operands, matching, context } = await this.request(Matchexpression);
    const { parseKey } = await import('../domain/key.js');
    const { parseSize } = await import('../domain/data-units.js');
    const { matchExpression } = await import('../operations/match-expression/match-expression.js');
    const [expression = fromText('')] = operands;
    const word = (text: string | undefined) => (text === undefined ? undefined : fromText(text));
    // These two are also matching options, and come as such.
    const told = (name: string) => matching.findLast((option) => option.name === name)?.value;
    const size = flags.size === undefined ? undefined : parseSize(fromText(flags.size));
    if (size === undefined && flags.size !== undefined) {
      throw new AnnexError('usage', 'option --size: parse error');
    }
    const key = flags.key === undefined ? undefined : parseKey(fromText(flags.key));
    if (key === undefined && flags.key !== undefined) {
      throw new AnnexError('usage', 'option --key: invalid key');
    }
    const request = {
      expression,
      largefiles: flags.largefiles,
      file: word(flags.file),
      key,
      size,
      mimeType: told('mimetype'),
      mimeEncoding: told('mimeencoding'),
      explain: flags.explain,
    };
    const result = await withRepository((here) => matchExpression(here, request, context));
    if (result !== 'matches') process.exitCode = result === 'unknown' ? UNKNOWN : 1;
  }
}
