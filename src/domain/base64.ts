import type { ByteString } from '../lib/bytes.js';

/** Base64 of byte strings (RFC 4648, with padding). */
export function encodeBase64(bytes: ByteString): ByteString {
  return btoa(bytes) as ByteString;
}

/** The bytes of a base64 text; undefined unless it is exactly that, padding included. */
export function decodeBase64(text: string): ByteString | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  try {
    return atob(text) as ByteString;
  } catch {
    return undefined;
  }
}
