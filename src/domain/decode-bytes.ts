import type { ByteString } from '../lib/bytes.js';
import { isAscii, toUint8Array } from '../lib/bytes.js';

/**
 * The text of UTF-8 bytes; a byte that belongs to no UTF-8 char becomes U+DC00 and its value. This is how git-annex
 * decodes file names, and unlike `toText` it keeps different bytes different.
 */
export function decodeBytes(bytes: ByteString): string {
  if (isAscii(bytes)) return bytes;
  return decodeStrictly(bytes) ?? decodeByParts(bytes);
}

function decodeByParts(bytes: ByteString): string {
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

function decodeStrictly(bytes: ByteString): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(toUint8Array(bytes));
  } catch {
    return undefined;
  }
}

function sequenceLength(byte: number): number {
  if (byte < 0xc0) return 1;
  return byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}
