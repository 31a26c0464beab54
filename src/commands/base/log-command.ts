import { AnnexError } from '../../domain/errors.js';
import { parseDuration } from '../../domain/duration.js';
import { type ByteString, fromText } from '../../lib/bytes.js';
import { quoteName } from '../../lib/quote-name.js';
import type { OperationContext, Outcome } from '../../operations/context.js';
import type { MatchingToken } from '../options/matching.js';
import {
  type SelectionFlags,
  selectionOf,
  surroundings,
  type TrustFlags,
  withRepository,
} from './query-command.js';

const FOR_GIT = ['since', 'after', 'until', 'before', 'max-count'] as const;

type LogFlags = SelectionFlags &
  TrustFlags & { readonly [name in (typeof FOR_GIT)[number]]?: readonly string[] | undefined } & {
    readonly sizesof?: string | undefined;
    readonly sizes?: boolean;
    readonly totalsizes?: boolean;
    readonly interval?: string | undefined;
    readonly received?: boolean;
    readonly gnuplot?: boolean;
    readonly bytes?: boolean;
    readonly 'raw-date'?: boolean;
    readonly gource?: boolean;
    readonly json?: boolean;
  };

/** `log`: histories of contents, or of the sizes of repositories. */
export async function runLog(request: {
  readonly flags: LogFlags;
  readonly operands: readonly ByteString[];
  readonly matching: readonly MatchingToken[];
  readonly context: OperationContext;
}): Promise<Outcome> {
  const { flags, context } = request;
  const interval = flags.interval === undefined ? 0 : parseInterval(flags.interval);
  if (flags.gnuplot) throw new AnnexError('usage', '--gnuplot is not supported; plot the CSV of --sizes');
  const { showLog } = await import('../../operations/log/log.js');
  const { showSizes } = await import('../../operations/log/sizes.js');
  return withRepository(async (here) => {
    const { known } = await surroundings(here, context, flags);
    const of = flags.sizesof === undefined ? undefined : known.named(fromText(flags.sizesof));
    if (of !== undefined || flags.sizes || flags.totalsizes) {
      const shape = {
        of: of ?? (flags.totalsizes ? ('total' as const) : ('each' as const)),
        header: flags.sizes === true,
        received: flags.received === true,
        inBytes: flags.bytes === true,
        rawDate: flags['raw-date'] === true,
        interval,
      };
      return showSizes(here, known, shape, context);
    }
    const selection = await selectionOf(here, request);
    const quotePath = () => here.settings.bool('core.quotepath', true);
    const log = {
      selection,
      all: flags.all === true,
      shape: { rawDate: flags['raw-date'] === true, gource: flags.gource === true },
      gitOptions: FOR_GIT.flatMap((name) =>
        (flags[name] ?? []).map((value) => fromText(`--${name}=${value}`)),
      ),
      quote: (name: ByteString) => quoteName(name, quotePath),
    };
    return showLog(here, known, log, context);
  });
}

function parseInterval(text: string): number {
  const seconds = parseDuration(text);
  if (seconds !== undefined) return seconds;
  throw new AnnexError(
    'usage',
    `option --interval: failed to parse duration "${text}" (expected eg "5m" or "1h5m")`,
  );
}
