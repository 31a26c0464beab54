import { parseSize } from '../../domain/data-units.js';
import { integerCodec } from '../../domain/logs/codec.js';
import { formatSchedule, parseSchedule } from '../../domain/schedule.js';
import { parseTrustLevel } from '../../domain/trust.js';
import { parseUuid, type Uuid } from '../../domain/uuid.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import { hasSpace, splitWords, trimEnd, trimStart } from '../../lib/words.js';
import { validatePreferredContent } from '../../domain/matching/validate.js';
import { noSettings, type SharedSettings } from './shared-settings.js';

/** An edited text that is understood, or the same text with marks above the lines that are not. */
export type Parsed = { readonly settings: SharedSettings } | { readonly marked: ByteString };

const ADVICE = [
  '# ** There was a problem parsing your input!',
  '# ** Search for "Parse error" to find the bad lines.',
  '# ** Either fix the bad lines, or delete them (to discard your changes).',
];
const MARK = '# ** Parse error in next line: ';

/** Reads what an editor left: lines `SETTING FIELD = VALUE` and comments; of two for the same the last counts. */
export function parseSettings(text: ByteString): Parsed {
  const settings = noSettings();
  const lines: string[] = [];
  let failed = false;
  for (const line of withoutMarks(text)) {
    const problem = parseLine(line, settings);
    if (problem !== undefined) lines.push(`${MARK}${problem}`);
    if (problem !== undefined) failed = true;
    lines.push(line);
  }
  if (!failed) return { settings };
  return { marked: `${[...ADVICE, ...lines].join('\n')}\n` as ByteString };
}

function withoutMarks(text: ByteString): ByteString[] {
  const lines = text.replace(/\r?\n$/, '').split(/\r?\n/) as ByteString[];
  return lines.filter((line) => !line.startsWith(MARK) && !ADVICE.includes(line));
}

/** What is wrong with a line, in git-annex's words. */
function parseLine(line: ByteString, settings: SharedSettings): string | undefined {
  const trimmed = trimStart(line);
  if (trimmed === '' || trimmed.startsWith('#')) return undefined;
  const [, setting = '', rest = ''] = /^([^ \t-\r]*)(.*)$/s.exec(trimmed) ?? [];
  const equals = rest.indexOf('=');
  const [before, after] = equals === -1 ? [rest, ''] : [rest.slice(0, equals), rest.slice(equals + 1)];
  const field = trimStart(trimEnd(before as ByteString));
  if (field === '') return 'missing field';
  const parse = Object.hasOwn(PARSERS, setting) ? PARSERS[setting] : undefined;
  return parse === undefined
    ? `unknown setting "${setting}"`
    : parse(settings, field, trimStart(after as ByteString));
}

type Parser = (settings: SharedSettings, field: ByteString, value: ByteString) => string | undefined;

const PARSERS: { readonly [setting: string]: Parser } = {
  trust: ofRepository((settings, uuid, value) => {
    const level = parseTrustLevel(value);
    if (level === undefined) return `unknown trust value "${value}"`;
    settings.trust.set(uuid, level);
    return undefined;
  }),
  group: ofRepository((settings, uuid, value) => {
    settings.groups.set(uuid, new Set(splitWords(value)));
    return undefined;
  }),
  wanted: ofRepository((settings, uuid, value) => expression(settings.wanted, uuid, value)),
  required: ofRepository((settings, uuid, value) => expression(settings.required, uuid, value)),
  groupwanted: (settings, group, value) =>
    hasSpace(group) ? `"${group}" is not a single word` : expression(settings.groupWanted, group, value),
  maxsize: ofRepository((settings, uuid, value) => {
    const negative = value.startsWith('-');
    const bytes = parseSize(toText((negative ? value.slice(1) : value) as ByteString));
    if (bytes === undefined) return 'parse error (expected a size such as "100 gb")';
    settings.maxsize.set(uuid, negative ? -bytes : bytes);
    return undefined;
  }),
  schedule: ofRepository((settings, uuid, value) => {
    const jobs = parseSchedule(value);
    if (typeof jobs === 'string') return jobs;
    settings.schedule.set(uuid, formatSchedule(jobs));
    return undefined;
  }),
  numcopies: (settings, _, value) => {
    settings.numcopies = copies(value);
    return settings.numcopies === undefined ? 'parse error (expected an integer)' : undefined;
  },
  mincopies: (settings, _, value) => {
    settings.mincopies = copies(value);
    return settings.mincopies === undefined ? 'parse error (expected an integer)' : undefined;
  },
  config: (settings, name, value) => {
    if (hasSpace(name)) return `"${name}" is not a single word`;
    settings.config.set(name, value);
    return undefined;
  },
};

function ofRepository(
  parse: (settings: SharedSettings, uuid: Uuid, value: ByteString) => string | undefined,
): Parser {
  return (settings, field, value) => {
    const uuid = parseUuid(field);
    return uuid === undefined ? `"${field}" is no uuid` : parse(settings, uuid, value);
  };
}

function expression<K>(expressions: Map<K, ByteString>, key: K, value: ByteString): string | undefined {
  const problem = validatePreferredContent(value);
  if (problem === undefined) expressions.set(key, value);
  return problem;
}

function copies(value: ByteString): number | undefined {
  const number = integerCodec.parse(value);
  if (number === undefined || number > 2 ** 31 - 1) return undefined;
  return Math.max(1, number);
}
