import type { ByteString } from '../../lib/bytes.js';
import { isAscii } from '../../lib/bytes.js';
import { decodeBytes } from '../decode-bytes.js';

/** A compiled glob; see `compileGlob`. */
export interface Glob {
  readonly source: ByteString;
  /** Whether some line of the text (file names may hold newlines) matches as a whole. */
  matches(text: ByteString): boolean;
}

type Range = readonly [number, number];

type Piece =
  | { readonly type: 'char'; readonly code: number }
  | { readonly type: 'any' }
  | { readonly type: 'star' }
  | { readonly type: 'class'; readonly negated: boolean; readonly ranges: readonly Range[] };

/** POSIX classes; ASCII only, as git-annex has them. */
const classes: { readonly [name: string]: string } = {
  alpha: 'azAZ',
  upper: 'AZ',
  lower: 'az',
  digit: '09',
  alnum: 'azAZ09',
  word: 'azAZ09__',
  xdigit: '09afAF',
  space: '  \t\r',
  blank: '  \t\t',
  cntrl: '\0\x1f\x7f\x7f',
  print: ' ~',
  graph: '!~',
  punct: '!/:@[`{~',
};

/**
 * Compiles a glob by git-annex's rules: `*` and `?` match `/` too, brackets may hold ranges and POSIX classes, a
 * backslash is a plain char. UTF-8 chars count as one. A malformed glob matches nothing. Matching takes time
 * proportional to the product of the lengths at most, whatever the glob.
 */
export function compileGlob(source: ByteString, options: { readonly ignoreCase?: boolean } = {}): Glob {
  const fold = options.ignoreCase ? (text: string) => text.toLowerCase() : (text: string) => text;
  const pieces = parseGlob(codePoints(fold(decodeBytes(source))));
  const spansLines = source.includes('\n');
  return {
    source,
    matches: (text) => {
      if (pieces === undefined) return false;
      const decoded = fold(decodeBytes(text));
      if (spansLines || !decoded.includes('\n')) return matchPieces(pieces, indexable(decoded));
      return decoded.split('\n').some((line) => matchPieces(pieces, indexable(line)));
    },
  };
}

/** A text whose chars can be got at by number; a string that is ASCII can be as it is. */
type Indexable = string | readonly number[];

function indexable(text: string): Indexable {
  return isAscii(text) ? text : codePoints(text);
}

function codePoints(text: string): number[] {
  return Array.from(text, (char) => char.codePointAt(0) as number);
}

function parseGlob(chars: readonly number[]): Piece[] | undefined {
  const pieces: Piece[] = [];
  let at = 0;
  while (at < chars.length) {
    const code = chars[at] as number;
    if (code === 0x5b) {
      const bracket = parseBracket(chars, at + 1);
      if (bracket === undefined) return undefined;
      pieces.push(bracket.piece);
      at = bracket.end;
      continue;
    }
    pieces.push(code === 0x2a ? { type: 'star' } : code === 0x3f ? { type: 'any' } : { type: 'char', code });
    at++;
  }
  return pieces;
}

function parseBracket(chars: readonly number[], start: number): { piece: Piece; end: number } | undefined {
  let at = start;
  const negated = chars[at] === 0x21 || chars[at] === 0x5e;
  if (negated) at++;
  const first = at;
  const ranges: Range[] = [];
  for (;;) {
    const code = chars[at];
    if (code === undefined) return undefined;
    if (code === 0x5d && at > first) return { piece: { type: 'class', negated, ranges }, end: at + 1 };
    const named = code === 0x5b ? parseNamedClass(chars, at + 1) : undefined;
    if (named !== undefined) {
      ranges.push(...named.ranges);
      at = named.end;
      continue;
    }
    const isRange = chars[at + 1] === 0x2d && chars[at + 2] !== undefined && chars[at + 2] !== 0x5d;
    const last = isRange ? (chars[at + 2] as number) : code;
    if (last < code) return undefined;
    ranges.push([code, last]);
    at += isRange ? 3 : 1;
  }
}

/** `[:alpha:]`, `[=a=]`, `[.a.]` without the first bracket. */
function parseNamedClass(chars: readonly number[], at: number): { ranges: Range[]; end: number } | undefined {
  const mark = chars[at];
  if (mark !== 0x3a && mark !== 0x3d && mark !== 0x2e) return undefined;
  const name: number[] = [];
  let end = at + 1;
  while (chars[end] !== undefined && !(chars[end] === mark && chars[end + 1] === 0x5d))
    name.push(chars[end++] as number);
  if (chars[end] === undefined) return undefined;
  return { ranges: namedRanges(mark, name), end: end + 2 };
}

/** An unknown class and a collating symbol have no members. */
function namedRanges(mark: number, name: readonly number[]): Range[] {
  if (mark === 0x3d) return name.map((code) => [code, code]);
  const word = String.fromCodePoint(...name.slice(0, 20));
  const bounds = mark === 0x3a && Object.hasOwn(classes, word) ? codePoints(classes[word] as string) : [];
  const ranges: Range[] = [];
  for (let i = 0; i + 1 < bounds.length; i += 2) ranges.push([bounds[i] as number, bounds[i + 1] as number]);
  return ranges;
}

/** On a mismatch only the last star needs to take one char more. */
function matchPieces(pieces: readonly Piece[], text: Indexable): boolean {
  let piece = 0;
  let at = 0;
  let starPiece = -1;
  let starAt = 0;
  while (at < text.length) {
    const current = pieces[piece];
    if (current?.type === 'star') {
      starPiece = piece++;
      starAt = at;
    } else if (
      current !== undefined &&
      matchOne(current, typeof text === 'string' ? text.charCodeAt(at) : (text[at] as number))
    ) {
      piece++;
      at++;
    } else if (starPiece !== -1) {
      piece = starPiece + 1;
      at = ++starAt;
    } else return false;
  }
  while (pieces[piece]?.type === 'star') piece++;
  return piece === pieces.length;
}

function matchOne(piece: Piece, code: number): boolean {
  if (piece.type === 'any') return true;
  if (piece.type === 'char') return piece.code === code;
  if (piece.type === 'star') return false;
  return piece.ranges.some(([low, high]) => code >= low && code <= high) !== piece.negated;
}
