import type { ByteString } from '../../lib/bytes.js';
import { integerCodec } from '../logs/codec.js';
import { parseTrustLevel, type TrustLevel } from '../trust.js';
import { type GroupLimit, parseGroupLimit } from './group-limit.js';

/** Whose copies a `copies=` term counts. */
export type CopiesOf =
  | { readonly type: 'all' }
  | { readonly type: 'trust'; readonly level: TrustLevel; readonly orHigher: boolean }
  | { readonly type: 'group'; readonly group: ByteString }
  | { readonly type: 'limit'; readonly limit: GroupLimit };

export type BalanceKind = 'balanced' | 'fullybalanced' | 'sizebalanced' | 'fullysizebalanced';

/** Terms that count copies. */
export type CopiesTerm =
  | { readonly type: 'copies'; readonly of: CopiesOf; readonly count: number }
  /** Only copies of `of` are looked for; undefined: all copies count. */
  | {
      readonly type: 'lacking-copies' | 'approx-lacking-copies';
      readonly count: number;
      readonly of?: CopiesOf | undefined;
    }
  | {
      readonly type: 'balance';
      readonly kind: BalanceKind;
      readonly group: ByteString;
      /** How many repositories of the group want a content; or as many as copies are missing. */
      readonly count: number | 'lacking-copies';
      /** Whose copies are not missing; undefined: everybody's. */
      readonly limit?: GroupLimit | undefined;
    };

/** `2`, `archive:2`, `semitrusted+:2`, and of newer versions `archive+backup-offsite=2`. */
export function parseCopiesTerm(value: ByteString): CopiesTerm | string {
  const limited = parseLimited(value);
  if (limited !== undefined) return { type: 'copies', ...limited };
  const [first = '', second, ...more] = value.split(':');
  if (more.length > 0) return 'bad value for copies';
  const count = integerCodec.parse((second ?? first) as ByteString);
  if (count === undefined) return 'bad number for copies';
  return { type: 'copies', of: second === undefined ? { type: 'all' } : copiesOf(first), count };
}

/** `1`, and of newer versions `archive:1` and `-offsite=1`. */
export const parseLackingTerm =
  (type: 'lacking-copies' | 'approx-lacking-copies') =>
  (value: ByteString): CopiesTerm | string => {
    const limited = parseLimited(value);
    if (limited !== undefined) return { type, ...limited };
    const [first = '', second, ...more] = value.split(':');
    const count = more.length > 0 ? undefined : integerCodec.parse((second ?? first) as ByteString);
    if (count === undefined) return 'bad value for number of lacking copies';
    return second === undefined
      ? { type, count }
      : { type, count, of: { type: 'group', group: first as ByteString } };
  };

/** `backup`, `backup:2`, and of newer versions `backup:lackingcopies`, `backup:lackingcopies=archive-offsite`. */
export function parseBalanceTerm(value: ByteString, name: string): CopiesTerm | string {
  const [group = '', number, ...more] = value.split(':');
  const kind = name as BalanceKind;
  if (more.length > 0) return `bad value for ${name}`;
  if (number === undefined) return { type: 'balance', kind, group: group as ByteString, count: 1 };
  if (number === 'lackingcopies' || number.startsWith('lackingcopies=')) {
    const text = number.slice('lackingcopies='.length) as ByteString;
    const limit = text === '' ? undefined : parseGroupLimit(text);
    if (number !== 'lackingcopies' && limit === undefined) return `bad value for ${name}`;
    return { type: 'balance', kind, group: group as ByteString, count: 'lacking-copies', limit };
  }
  const count = integerCodec.parse(number as ByteString);
  return count === undefined
    ? `bad number for ${name}`
    : { type: 'balance', kind, group: group as ByteString, count };
}

/** `LIMIT=NUMBER`. */
function parseLimited(value: ByteString): { of: CopiesOf; count: number } | undefined {
  const equals = value.lastIndexOf('=');
  if (equals === -1) return undefined;
  const limit = parseGroupLimit(value.slice(0, equals) as ByteString);
  const count = integerCodec.parse(value.slice(equals + 1) as ByteString);
  return limit === undefined || count === undefined ? undefined : { of: { type: 'limit', limit }, count };
}

function copiesOf(text: string): CopiesOf {
  const orHigher = text.endsWith('+');
  const level = parseTrustLevel(orHigher ? text.slice(0, -1) : text);
  return level === undefined
    ? { type: 'group', group: text as ByteString }
    : { type: 'trust', level, orHigher };
}
