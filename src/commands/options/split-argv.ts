import { AnnexError } from '../../domain/errors.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import { isMatchingName, type MatchingToken } from './matching.js';

/** What of an oclif flag decides how arguments are read. */
export interface FlagShape {
  readonly type: 'boolean' | 'option';
  readonly char?: string | undefined;
  readonly aliases?: readonly string[] | undefined;
  readonly charAliases?: readonly string[] | undefined;
  readonly allowNo?: boolean | undefined;
}

/** A command's arguments, sorted by kind. */
export interface SplitArgv {
  /** The flags but for matching options, spelled `--name` or `--name=value`, for oclif to parse. */
  readonly flags: readonly string[];
  /** What is no option: files, remotes, descriptions. */
  readonly operands: readonly ByteString[];
  /** The matching options in their order. */
  readonly matching: readonly MatchingToken[];
}

interface Named {
  readonly name: string;
  readonly shape: FlagShape;
  readonly negated: boolean;
}

/**
 * Sorts arguments the way git-annex reads them: options may stand before, between and after the operands, `--` ends
 * them, `-J2`, `-J 2`, `--jobs=2` and `--jobs 2` are the same, and the matching options keep their order.
 */
export function splitArgv(
  argv: readonly ByteString[],
  shapes: Readonly<Record<string, FlagShape>>,
): SplitArgv {
  const { long, short } = index(shapes);
  const flags: string[] = [];
  const operands: ByteString[] = [];
  const matching: MatchingToken[] = [];

  const take = ({ name, shape, negated }: Named, given: string, value: ByteString | undefined) => {
    if (isMatchingName(name)) matching.push({ name, value });
    else if (shape.type === 'option') flags.push(`--${name}=${toText(required(value, given))}`);
    else flags.push(negated ? `--no-${name}` : `--${name}`);
  };

  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i] as ByteString;
    if (argument === '--') {
      operands.push(...argv.slice(i + 1));
      break;
    }
    if (argument === '-(' || argument === '-)') {
      if (!long.has('not')) throw invalidOption(argument);
      matching.push({ name: argument === '-(' ? '(' : ')', value: undefined });
    } else if (argument.startsWith('--')) {
      const equals = argument.indexOf('=');
      const given = equals < 0 ? argument : argument.slice(0, equals);
      const named = long.get(given.slice(2));
      if (named === undefined || (equals >= 0 && named.shape.type === 'boolean'))
        throw invalidOption(argument);
      if (named.shape.type === 'boolean') take(named, given, undefined);
      else if (equals >= 0) take(named, given, argument.slice(equals + 1) as ByteString);
      else take(named, given, required(argv[++i], given));
    } else if (argument.length > 1 && argument.startsWith('-')) {
      for (let at = 1; at < argument.length; at++) {
        const given = `-${argument[at]}`;
        const named = short.get(argument[at] as string);
        if (named === undefined) throw invalidOption(at === 1 ? argument : given);
        if (named.shape.type === 'boolean') {
          take(named, given, undefined);
        } else {
          const rest = argument.slice(at + 1) as ByteString;
          take(named, given, rest === '' ? required(argv[++i], given) : rest);
          break;
        }
      }
    } else {
      operands.push(argument);
    }
  }
  return { flags, operands, matching };
}

function index(shapes: Readonly<Record<string, FlagShape>>): {
  long: Map<string, Named>;
  short: Map<string, Named>;
} {
  const long = new Map<string, Named>();
  const short = new Map<string, Named>();
  for (const [name, shape] of Object.entries(shapes)) {
    for (const spelling of [name, ...(shape.aliases ?? [])]) {
      long.set(spelling, { name, shape, negated: false });
      if (shape.allowNo) long.set(`no-${spelling}`, { name, shape, negated: true });
    }
    for (const char of [shape.char, ...(shape.charAliases ?? [])]) {
      if (char !== undefined) short.set(char, { name, shape, negated: false });
    }
  }
  return { long, short };
}

function required(value: ByteString | undefined, given: string): ByteString {
  if (value === undefined) throw new AnnexError('usage', `The option \`${given}\` expects an argument.`);
  return value;
}

function invalidOption(argument: string): AnnexError {
  return new AnnexError('usage', `Invalid option \`${toText(argument as ByteString)}'`);
}
