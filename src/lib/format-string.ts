import type { ByteString } from './bytes.js';
import { cEscape } from './c-escape.js';

/** A piece of a parsed format: bytes as they are, or a variable. */
export type FormatPiece =
  | { readonly literal: ByteString }
  | {
      readonly variable: string;
      /** Columns to fill: right-justified when positive, left-justified when negative, 0 for none. */
      readonly width: number;
      /** White space, control characters, quotes, backslashes and non-ASCII bytes are shown as C escapes. */
      readonly escaped: boolean;
    };

const NAMED: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

const PATTERN =
  /\$\{([^};]*)(?:;(-?\d{1,6}))?\}|\\(?:([0-3][0-7]{2})|x([0-9a-fA-F]{2})|([\s\S]))|([^\\$]+|[\\$])/g;

/**
 * Parses a format as git-annex's `--format` takes it: `${name}`, `${name;width}`, `${escaped_name}`, and the escapes
 * `\n`, `\t`, `\000`, `\x41`. A backslash before any other character is dropped.
 */
export function parseFormat(format: ByteString): FormatPiece[] {
  const pieces: FormatPiece[] = [];
  let literal = '';
  const flush = () => {
    if (literal !== '') pieces.push({ literal: literal as ByteString });
    literal = '';
  };
  for (const [, name, width, octal, hex, character, plain] of format.matchAll(PATTERN)) {
    if (name !== undefined) {
      flush();
      const escaped = name.startsWith('escaped_');
      pieces.push({
        variable: escaped ? name.slice('escaped_'.length) : name,
        width: Number(width ?? 0),
        escaped,
      });
    } else if (octal !== undefined) literal += String.fromCharCode(Number.parseInt(octal, 8));
    else if (hex !== undefined) literal += String.fromCharCode(Number.parseInt(hex, 16));
    else if (character !== undefined) literal += NAMED[character] ?? character;
    else literal += plain ?? '';
  }
  flush();
  return pieces;
}

/** Fills a format; a variable without a value is empty. */
export function fillFormat(
  pieces: readonly FormatPiece[],
  value: (variable: string) => ByteString | undefined,
): ByteString {
  let filled = '';
  for (const piece of pieces) {
    if ('literal' in piece) {
      filled += piece.literal;
      continue;
    }
    const plain = value(piece.variable) ?? ('' as ByteString);
    const shown = piece.escaped ? escapeBytes(plain) : plain;
    const padding = ' '.repeat(Math.max(0, Math.abs(piece.width) - characters(shown)));
    filled += piece.width >= 0 ? padding + shown : shown + padding;
  }
  return filled as ByteString;
}

/** How many characters UTF-8 bytes are; stray bytes count as one each. */
function characters(bytes: string): number {
  return bytes.replace(/[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}/g, '.')
    .length;
}

function escapeBytes(bytes: ByteString): string {
  return bytes.replace(/[^!#-[\]-~]/g, cEscape);
}
