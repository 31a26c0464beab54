import type { ByteString } from './bytes.js';

/**
 * The words between ASCII white space. JavaScript's own idea of white space holds byte 0xa0 too, which is a part of many
 * UTF-8 letters (`à`), so byte strings are not to be split with `\s` or trimmed with `trim`.
 */
export function splitWords(text: ByteString): ByteString[] {
  return text.split(/[ \t-\r]+/).filter((word) => word !== '') as ByteString[];
}

/** Without ASCII white space at the start. */
export function trimStart(text: ByteString): ByteString {
  return text.replace(/^[ \t-\r]+/, '') as ByteString;
}

/** Without ASCII white space at the end. */
export function trimEnd(text: ByteString): ByteString {
  let end = text.length;
  while (end > 0 && /[ \t-\r]/.test(text[end - 1] as string)) end--;
  return text.slice(0, end) as ByteString;
}

export function hasSpace(text: ByteString): boolean {
  return /[ \t-\r]/.test(text);
}
