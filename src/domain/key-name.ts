import type { ByteString } from '../lib/bytes.js';
import { decodeBytes } from './decode-bytes.js';
import { md5Hex } from './md5.js';

/** Longest text that becomes a key's name unshortened, in bytes. */
const longest = 64;

/**
 * The name of a WORM or URL key made of a file's path (relative to the top of the work tree) or a url. Letters, digits
 * and `.-_/%:` stay, `,` is doubled, every other char becomes `,` and its code point; a long text is cut and ends in its
 * MD5.
 */
export function keyName(text: ByteString): ByteString {
  const clean = [...decodeBytes(text)].map(escapeChar).join('');
  if (text.length <= longest) return clean as ByteString;
  const digest = md5Hex(text);
  return `${clean.slice(0, longest - 1 - digest.length)}-${digest}` as ByteString;
}

function escapeChar(char: string): string {
  if (/^[A-Za-z0-9.\-_/%:]$/.test(char)) return char;
  return char === ',' ? ',,' : `,${char.codePointAt(0)}`;
}
