import { Flags } from '@oclif/core';
import { AnnexError } from '../../domain/errors.js';
import { parseDuration } from '../../domain/duration.js';
import { parseSize } from '../../repository/settings/values.js';

/** An option that takes a size of at least one byte, as git-annex writes sizes; in bytes. */
export function sizeFlag(description: string) {
  return Flags.custom<number>({
    description,
    helpValue: 'SIZE',
    parse: async (input, _context, flag) => {
      const bytes = parseSize(input);
      if (bytes === undefined || bytes < 1) throw unreadable(flag.name, 'size', input);
      return bytes;
    },
  })();
}

/** An option that takes a time longer than none, as git-annex writes durations; in milliseconds. */
export function durationFlag(description: string) {
  return Flags.custom<number>({
    description,
    helpValue: 'DURATION',
    parse: async (input, _context, flag) => {
      const seconds = parseDuration(input);
      if (seconds === undefined || seconds < 1 || seconds > LONGEST)
        throw unreadable(flag.name, 'duration', input);
      return seconds * 1000;
    },
  })();
}

/** What timers can count, in seconds. */
const LONGEST = 2_000_000;

function unreadable(name: string, what: string, input: string): AnnexError {
  return new AnnexError('usage', `option --${name}: failed to parse ${what} "${input}"`);
}
