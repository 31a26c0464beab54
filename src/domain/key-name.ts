import type { ByteString } from '../lib/bytes.js';
import { toUint8Array } from '../lib/bytes.js';
import { md5Hex } from './md5.js';

/** Longest text that becomes a key's name unshortened, in bytes. */
const longest = 64;

/**
 * The name of a WORM or URL key made of a file's path (relative to the top of the work tree) or a url. Letters, digits
 * and `.-_/%:` stay, `,` is doubled, every other char becomes `,` and its code point; a long text is cut and ends in its
 * MD5.
 */
export function keyName(text: ByteString): ByteString {
  const clean = [...decode(text)].map(escapeChar).join('');
  if (text.length <= longest) return clean as ByteString;
  const digest = md5Hex(text);
  return `${clean.slice(0, longest - 1 - digest.length)}-${digest}` as ByteString;
}

function escapeChar(char: string): string {
  if (/^[A-Za-z0-9.\-_/%:]$/.test(char)) return char;
  return char === ',' ? ',,' : `,${char.codePointAt(0)}`;
}

/** The text of UTF-8 bytes; a byte that is none becomes U+DC00 and its value, which is how git-annex decodes them. */
function decode(bytes: ByteString): string {
  let text = '';
  let at = 0;
  while (at < bytes.length) {
    const length = sequenceLength(bytes.charCodeAt(at));
    const piece = bytes.slice(at, at + length) as ByteString;
    const decoded = piece.length === length ? decodeStrictly(piece) : undefined;
    text += decoded ?? String.fromCharCode(0xdc00 + bytes.charCodeAt(at));
    at += decoded === undefined ? 1 : length;
  }
  return text;
}

function decodeStrictly(piece: ByteString): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(toUint8Array(piece));
  } catch {
    return undefined;
  }
}

function sequenceLength(byte: number): number {
  if (byte < 0xc0) return 1;
  return byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}
